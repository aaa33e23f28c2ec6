"""Naming colleagues in comments, and tying cases together."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from orderhouse.ledger import (
    Conflict,
    Denied,
    Invalid,
    Ledger,
    act,
    audit_verify,
    fresh_mentions,
    links_of,
    list_users,
    mentions_of,
    read_mentions,
)
from orderhouse.ledger.cases import ObjectRef
from tests.support.people import NOW, add_person, signed_in

ONE = ObjectRef(queue_code="Q07", item_id="a" * 32, entity_type="order", entity_id="tb-1",
                order_id="tb-1", shop_id="tb-main")  # fmt: skip
TWO = ObjectRef(queue_code="Q03", item_id="b" * 32, entity_type="order", entity_id="tb-1",
                order_id="tb-1", shop_id="tb-main")  # fmt: skip


@pytest.fixture
def ledger(ledger: Ledger) -> Ledger:
    """With two colleagues of one post, one of another, and one of another shop."""
    add_person(ledger, "li.na", "order_processor")
    add_person(ledger, "zhang", "order_processor")
    add_person(ledger, "payer", "finance")
    add_person(ledger, "outlet", "order_processor", shops=("tb-outlet",))
    return ledger


def _id(ledger: Ledger, login: str) -> str:
    return next(user.user_id for user in list_users(ledger) if user.login == login)


def _do(
    ledger: Ledger, login: str, verb: str, ref: ObjectRef, version: int = 0, **args: Any
) -> Any:
    key = f"{login}-{verb}-{ref.item_id[:4]}-{version}"
    return act(
        ledger, signed_in(ledger, login), verb=verb, object=ref, args=args,
        expected_version=version, idempotency_key=key, now=NOW, snapshot_id="b1",
    )  # fmt: skip


def test_who_is_picked_is_told_and_reads_it_by_opening_the_case(ledger: Ledger) -> None:
    zhang = _id(ledger, "zhang")
    _do(ledger, "li.na", "comment", ONE, comment="请看一下", mentions=[zhang])
    [told] = mentions_of(ledger, zhang)
    assert (told.item_id, told.queue_code, told.by) == (ONE.item_id, "Q07", _id(ledger, "li.na"))
    assert (told.comment, told.read_at) == ("请看一下", None)
    assert read_mentions(ledger, zhang, TWO.item_id, NOW) == 0
    assert read_mentions(ledger, zhang, ONE.item_id, NOW + timedelta(hours=1)) == 1
    assert mentions_of(ledger, zhang)[0].read_at == NOW + timedelta(hours=1)
    assert fresh_mentions(ledger, NOW, timedelta(days=1)) == []


@pytest.mark.parametrize("text", ["请@zhang看", "@Zhang please", "see @zhang.", "(@zhang)"])
def test_a_name_in_the_text_is_a_mention(ledger: Ledger, text: str) -> None:
    _do(ledger, "li.na", "comment", ONE, comment=text)
    assert [one.comment for one in mentions_of(ledger, _id(ledger, "zhang"))] == [text]


@pytest.mark.parametrize("text", ["mail li@zhang.example", "@nobody here", "no names"])
def test_what_is_no_name_of_ours_is_only_text(ledger: Ledger, text: str) -> None:
    _do(ledger, "li.na", "comment", ONE, comment=text)
    assert fresh_mentions(ledger, NOW, timedelta(days=1)) == []


def test_a_name_with_a_dot_at_the_end_of_a_sentence_is_found(ledger: Ledger) -> None:
    _do(ledger, "zhang", "comment", ONE, comment="Ask @li.na.")
    assert len(mentions_of(ledger, _id(ledger, "li.na"))) == 1


@pytest.mark.parametrize("login", ["payer", "outlet"])
def test_who_may_not_see_the_case_is_not_named_and_nothing_is_written(
    ledger: Ledger, login: str
) -> None:
    for how in ({"comment": f"@{login}"}, {"comment": "x", "mentions": [_id(ledger, login)]}):
        with pytest.raises(Denied) as told:
            _do(ledger, "li.na", "comment", ONE, **how)
        assert told.value.code == "mention.may_not_see"
    assert mentions_of(ledger, _id(ledger, login)) == []


def test_naming_oneself_tells_nobody(ledger: Ledger) -> None:
    _do(ledger, "li.na", "comment", ONE, comment="@li.na remember")
    assert mentions_of(ledger, _id(ledger, "li.na")) == []


def test_an_unknown_account_is_refused(ledger: Ledger) -> None:
    with pytest.raises(Invalid):
        _do(ledger, "li.na", "comment", ONE, comment="x", mentions=["u-unknown"])


def _tie(
    ledger: Ledger, login: str, one: ObjectRef, two: ObjectRef, reason: str, **more: Any
) -> Any:
    return _do(
        ledger, login, "link_case", one, reason_code=reason, other_item_id=two.item_id,
        other_queue_code=two.queue_code, other_entity_id=two.entity_id, **more,
    )  # fmt: skip


def test_tied_cases_show_on_both_sides_and_each_knows_which_follows(ledger: Ledger) -> None:
    _tie(ledger, "li.na", ONE, TWO, "follows")
    [ours], [theirs] = links_of(ledger, ONE.item_id), links_of(ledger, TWO.item_id)
    assert (ours.other_item_id, ours.reason_code, ours.is_ours) == (TWO.item_id, "follows", True)
    assert (theirs.other_item_id, theirs.is_ours) == (ONE.item_id, False)


def test_undone_they_are_tied_no_more_and_the_chain_still_adds_up(ledger: Ledger) -> None:
    done = _tie(ledger, "li.na", ONE, TWO, "same_cause")
    _do(ledger, "li.na", "undo", ONE, done.version)
    assert links_of(ledger, ONE.item_id) == links_of(ledger, TWO.item_id) == []
    assert audit_verify(ledger).ok


def test_nothing_is_tied_twice_from_either_side_nor_to_itself(ledger: Ledger) -> None:
    _tie(ledger, "li.na", ONE, TWO, "duplicate")
    with pytest.raises(Invalid) as twice:
        _tie(ledger, "zhang", TWO, ONE, "same_cause")
    assert twice.value.code == "link.already"
    with pytest.raises(Invalid) as itself:
        _tie(ledger, "li.na", TWO, TWO, "same_cause")
    assert itself.value.code == "link.itself"


def test_a_case_of_a_queue_one_does_not_work_is_not_tied(ledger: Ledger) -> None:
    theirs = ObjectRef(queue_code="Q28", item_id="c" * 32, entity_type="case", entity_id="C")
    with pytest.raises(Denied):
        _tie(ledger, "li.na", ONE, theirs, "same_cause")


def test_who_ties_a_case_that_changed_meanwhile_is_told(ledger: Ledger) -> None:
    _do(ledger, "zhang", "claim", ONE)
    with pytest.raises(Conflict):
        _tie(ledger, "li.na", ONE, TWO, "same_cause")
    assert links_of(ledger, ONE.item_id) == []
