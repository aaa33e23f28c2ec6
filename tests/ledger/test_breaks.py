"""Decisions about differences: on their amounts, within a limit, matched together and undone so."""

from __future__ import annotations

import itertools
import secrets
from collections import defaultdict
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orderhouse.ledger import (
    ActResult,
    Conflict,
    Denied,
    Invalid,
    Ledger,
    ObjectRef,
    act,
    audit_verify,
    case_states,
    recon_decisions_after,
)
from tests.support.people import NOW, signed_in

_WORLDS = itertools.count(10)


def ref(number: int) -> ObjectRef:
    return ObjectRef(
        queue_code="Q33", item_id=f"item-{number}", entity_type="recon_break",
        entity_id=f"break-{number}", order_id=f"tb-{number}", shop_id="tb", currency_code="CNY",
    )  # fmt: skip


def told(number: int, left: float, right: float) -> dict[str, Any]:
    return {
        "recon_code": "RC2", "match_key": f"K{number}", "currency_code": "CNY",
        "left_amount": str(left), "right_amount": str(right),
    }  # fmt: skip


def member(number: int, left: float, right: float, version: int = 0) -> dict[str, Any]:
    return told(number, left, right) | {
        "item_id": f"item-{number}", "break_id": f"break-{number}", "version": version,
        "shop_id": "tb", "order_id": None,
    }  # fmt: skip


def do(
    ledger: Ledger, person: str, verb: str, number: int = 1, version: int = 0, **args: Any
) -> ActResult:
    key, now = args.pop("key", secrets.token_hex(8)), args.pop("now", NOW)
    return act(
        ledger, signed_in(ledger, person, now), verb=verb, object=ref(number), args=args,
        expected_version=version, idempotency_key=key, now=now, snapshot_id="build-1",
    )  # fmt: skip


def status(ledger: Ledger, number: int) -> str:
    return case_states(ledger, [f"item-{number}"])[f"item-{number}"].status


def exported(ledger: Ledger) -> list[tuple[str, str, str, str]]:
    return [
        (row["verb"], row["break_id"], row["left_amount"], row["right_amount"])
        for row in recon_decisions_after(ledger, 0)
    ]


def test_a_decision_goes_out_with_the_amounts_it_was_made_on(ledger: Ledger) -> None:
    do(ledger, "clerk", "explain_break", reason_code="bank_charge", **told(1, 100, 90))
    assert status(ledger, 1) == "resolved"
    [row] = recon_decisions_after(ledger, 0)
    assert (row["recon_code"], row["match_key"], row["currency_code"]) == ("RC2", "K1", "CNY")
    assert exported(ledger) == [("explain_break", "break-1", "100", "90")]


def test_a_decision_without_its_amounts_is_refused(ledger: Ledger) -> None:
    with pytest.raises(Invalid, match=r"recon\.needs_break"):
        do(ledger, "clerk", "write_off", reason_code="too_small")
    with pytest.raises(Invalid, match=r"recon\.bad_amount"):
        do(ledger, "clerk", "write_off", reason_code="too_small", **told(1, 1, float("nan")))


def test_the_same_request_twice_is_one_decision(ledger: Ledger) -> None:
    asked = {"reason_code": "too_small", "key": "again-again", **told(1, 100, 90)}
    first, second = (do(ledger, "clerk", "write_off", **dict(asked)) for _ in range(2))
    assert (first.action_id, second.replayed) == (second.action_id, True)
    assert len(exported(ledger)) == 1


def test_above_the_limit_a_supervisor_agrees_who_is_not_the_first(ledger: Ledger) -> None:
    """The limit is that of the amounts decided on, whatever the case was said to be worth."""
    asked = do(ledger, "clerk", "write_off", reason_code="too_old", **told(1, 600, 0))
    assert asked.state == "proposed"
    assert exported(ledger) == []
    with pytest.raises(Denied, match=r"ledger\.same_person"):
        do(ledger, "clerk", "approve", version=1)
    with pytest.raises(Denied, match=r"ledger\.not_your_second"):
        do(ledger, "clerk2", "approve", version=1)
    do(ledger, "auditor", "approve", version=1)
    [row] = recon_decisions_after(ledger, 0)
    assert (row["verb"], row["actor_role"], row["left_amount"]) == (
        "write_off", "finance_supervisor", "600",
    )  # fmt: skip
    assert row["proposed_by"] != row["actor_id"]


def test_a_supervisor_does_not_agree_with_themselves(ledger: Ledger) -> None:
    assert do(ledger, "twohats", "write_off", reason_code="too_old", **told(1, 600, 0)).state == (
        "proposed"
    )
    with pytest.raises(Denied, match=r"ledger\.same_person"):
        do(ledger, "twohats", "approve", version=1)


def test_nobody_else_decides_and_nobody_just_resolves(ledger: Ledger) -> None:
    for person in ("lead", "reviewer", "boss"):
        with pytest.raises(Denied):
            do(ledger, person, "write_off", reason_code="too_small", **told(1, 1, 0))
    with pytest.raises(Denied):
        do(ledger, "clerk", "resolve", reason_code="other", comment="done")


def test_a_match_is_all_of_its_differences_or_none(ledger: Ledger) -> None:
    do(
        ledger, "clerk", "match_manually", reason_code="paid_together", **told(1, 0, 100),
        members=[member(2, 60, 0), member(3, 40, 0)],
    )  # fmt: skip
    assert [status(ledger, n) for n in (1, 2, 3)] == ["resolved"] * 3
    rows = list(recon_decisions_after(ledger, 0))
    assert [row["break_id"] for row in rows] == ["break-1", "break-2", "break-3"]
    assert len({row["group_id"] for row in rows}) == 1
    assert audit_verify(ledger).ok


def test_a_match_that_one_of_them_forbids_matches_none(ledger: Ledger) -> None:
    do(ledger, "clerk", "explain_break", 2, reason_code="bank_charge", **told(2, 100, 0))
    asked = {"reason_code": "same_payment", **told(1, 0, 100)}
    with pytest.raises(Conflict, match=r"ledger\.changed_meanwhile"):
        do(ledger, "clerk", "match_manually", members=[member(2, 100, 0)], **asked)
    with pytest.raises(Invalid, match=r"ledger\.already_decided"):
        do(ledger, "clerk", "match_manually", members=[member(2, 100, 0, 1)], **asked)
    assert status(ledger, 1) == "open"


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ([], "needs_others"),
        ([member(1, 100, 0)], "needs_others"),
        ([member(2, 98, 0)], "match_rest"),
        ([member(2, 100, 0) | {"recon_code": "RC3"}], "one_reconciliation"),
        ([{"item_id": "x"}], "needs_break"),
    ],
)
def test_what_does_not_cancel_out_is_no_match(ledger: Ledger, members: Any, code: str) -> None:
    with pytest.raises(Invalid, match=rf"recon\.{code}"):
        do(ledger, "clerk", "match_manually", reason_code="same_payment", members=members,
           **told(1, 0, 100))  # fmt: skip
    assert exported(ledger) == []


def test_a_match_is_taken_back_as_a_whole(ledger: Ledger) -> None:
    do(ledger, "clerk", "match_manually", reason_code="same_payment", **told(1, 0, 100),
       members=[member(2, 100, 0)])  # fmt: skip
    do(ledger, "clerk", "undo", 2, 1, now=NOW + timedelta(minutes=1))
    assert [status(ledger, n) for n in (1, 2)] == ["open", "open"]
    rows = list(recon_decisions_after(ledger, 0))
    assert {row["break_id"] for row in rows if row["verb"] == "undo"} == {"break-1", "break-2"}
    undone = {row["undoes_decision_id"] for row in rows} - {None}
    assert undone == {row["decision_id"] for row in rows if row["verb"] == "match_manually"}
    assert audit_verify(ledger).ok


def test_what_was_decided_can_be_taken_up_again(ledger: Ledger) -> None:
    do(ledger, "clerk", "write_off", reason_code="too_small", **told(1, 100, 90))
    do(ledger, "auditor", "reopen_break", version=1, reason_code="new_information",
       **told(1, 100, 90))  # fmt: skip
    assert status(ledger, 1) == "open"
    do(ledger, "clerk", "claim_break", version=2, reason_code="provider_error", **told(1, 100, 90))
    assert [verb for verb, *_ in exported(ledger)] == ["write_off", "reopen_break", "claim_break"]


def test_a_rejected_match_leaves_the_difference_open(ledger: Ledger) -> None:
    do(ledger, "clerk", "reject_match", reason_code="not_the_same", suggestion_id="s1",
       **told(1, 0, 100))  # fmt: skip
    assert status(ledger, 1) == "open"
    assert [row["suggestion_id"] for row in recon_decisions_after(ledger, 0)] == ["s1"]


def of_order(*parts: dict[str, Any]) -> dict[str, Any]:
    """A decision about case 1, which is these differences."""
    return {**told(1, 105, 0), "recon_code": "RC7", "parts": list(parts)}


def test_a_case_of_several_differences_is_decided_with_each_of_them(ledger: Ledger) -> None:
    do(ledger, "clerk", "claim_break", reason_code="provider_error",
       **of_order(member(2, 100, 0), member(3, 5, 0)))  # fmt: skip
    assert [status(ledger, n) for n in (1, 2, 3)] == ["resolved"] * 3
    assert exported(ledger) == [
        ("claim_break", "break-2", "100", "0"), ("claim_break", "break-3", "5", "0"),
    ]  # fmt: skip
    assert {row["group_id"] for row in recon_decisions_after(ledger, 0)} == {None}
    assert audit_verify(ledger).ok


def test_what_somebody_decided_about_a_part_of_a_case_stays(ledger: Ledger) -> None:
    do(ledger, "clerk", "explain_break", 2, reason_code="bank_charge", **told(2, 100, 0))
    do(ledger, "clerk", "claim_break", reason_code="provider_error",
       **of_order(member(2, 100, 0), member(3, 5, 0)))  # fmt: skip
    assert [row[:2] for row in exported(ledger)] == [
        ("explain_break", "break-2"), ("claim_break", "break-3"),
    ]  # fmt: skip


@pytest.mark.parametrize("first", [1, 3])
def test_a_case_is_taken_back_with_its_parts_from_whichever(ledger: Ledger, first: int) -> None:
    do(ledger, "clerk", "claim_break", reason_code="provider_error",
       **of_order(member(2, 100, 0), member(3, 5, 0)))  # fmt: skip
    do(ledger, "clerk", "undo", first, 1, now=NOW + timedelta(minutes=1))
    assert [status(ledger, n) for n in (1, 2, 3)] == ["open"] * 3
    rows = list(recon_decisions_after(ledger, 0))
    undone = {row["undoes_decision_id"] for row in rows} - {None}
    assert undone == {row["decision_id"] for row in rows if row["verb"] == "claim_break"}
    assert audit_verify(ledger).ok


def test_the_parts_of_a_case_do_not_make_up_for_each_other_below_a_limit(ledger: Ledger) -> None:
    """600 too little and 600 too much are not nothing; nothing is decided until it is agreed."""
    asked = do(ledger, "clerk", "write_off", reason_code="too_small",
               **of_order(member(2, 600, 0), member(3, 0, 600)))  # fmt: skip
    assert (asked.state, exported(ledger)) == ("proposed", [])
    do(ledger, "auditor", "approve", version=1)
    assert [row[:2] for row in exported(ledger)] == [
        ("write_off", "break-2"), ("write_off", "break-3"),
    ]  # fmt: skip
    assert all(row["proposed_by"] for row in recon_decisions_after(ledger, 0))


@given(
    suggestions=st.lists(
        st.lists(st.integers(1, 6), min_size=2, max_size=4, unique=True), min_size=1, max_size=6
    )
)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_however_suggestions_overlap_a_difference_is_accepted_once(
    ledger: Ledger, suggestions: list[list[int]]
) -> None:
    base = 10 * next(_WORLDS)  # differences of their own for every example
    for first, *others in ([base + n for n in numbers] for numbers in suggestions):
        members = [member(n, 10, 0) for n in others]
        asked = told(first, 0, 10 * len(others))
        with suppress(Conflict, Invalid):
            do(ledger, "clerk", "match_manually", first, reason_code="paid_together",
               members=members, **asked)  # fmt: skip
    groups: dict[str, set[str]] = defaultdict(set)
    for row in recon_decisions_after(ledger, 0):
        groups[row["break_id"]].add(row["group_id"])
    assert f"break-{base + suggestions[0][0]}" in groups
    assert all(len(of) == 1 for of in groups.values())
