"""`act`: who wins, who is refused, what is remembered."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from orderhouse.ledger import (
    ActResult,
    Conflict,
    Denied,
    IdempotencyMismatch,
    Invalid,
    Ledger,
    ObjectRef,
    Session,
    act,
    audit_verify,
    case_states,
    decisions_after,
    history,
    set_active,
    set_roles,
    sign_out,
    start_session,
)
from orderhouse.ledger.tables import OUTBOX
from tests.support.people import NOW, add_person, signed_in

Case = Callable[..., ObjectRef]


def do(
    ledger: Ledger, who: Session, verb: str, ref: ObjectRef, version: int, **more: Any
) -> ActResult:
    now: datetime = more.pop("now", NOW)
    key: str = more.pop("key", secrets.token_hex(8))
    return act(
        ledger,
        who,
        verb=verb,
        object=ref,
        args=more,
        expected_version=version,
        idempotency_key=key,
        now=now,
        snapshot_id="build-1",
    )


def _decide_together(ledger: Ledger, people: list[Session], ref: ObjectRef) -> list[object]:
    """Six requests for one case at the same moment; what each of them got."""
    outcomes: list[object] = []
    barrier = threading.Barrier(6)

    def decide(who: Session) -> None:
        barrier.wait()
        try:
            outcomes.append(do(ledger, who, "review_pass", ref, 0, reason_code="checked_ok"))
        except Conflict as conflict:
            outcomes.append(conflict)

    threads = [threading.Thread(target=decide, args=(people[n % 3],)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_of_many_people_deciding_one_case_exactly_one_wins(ledger: Ledger, case: Case) -> None:
    people = [signed_in(ledger, name) for name in ("reviewer", "second", "lead")]
    for number in range(4):
        outcomes = _decide_together(ledger, people, case(number))
        won = [result for result in outcomes if isinstance(result, ActResult)]
        lost = [result for result in outcomes if isinstance(result, Conflict)]
        assert (len(won), len(lost)) == (1, 5)
        assert all(conflict.by and conflict.at == NOW for conflict in lost)
    assert len(list(decisions_after(ledger, 0))) == 4
    assert audit_verify(ledger).ok


def test_the_same_key_and_body_is_one_effect(ledger: Ledger, case: Case) -> None:
    who = signed_in(ledger, "reviewer")
    first = do(ledger, who, "claim", case(), 0, key="same-key-1")
    again = do(ledger, who, "claim", case(), 0, key="same-key-1")
    assert again.replayed and not first.replayed
    assert (again.action_id, again.version) == (first.action_id, first.version)
    assert len(history(ledger, item_id="item-1")) == 1


def test_the_same_key_with_another_body_is_an_error(ledger: Ledger, case: Case) -> None:
    who = signed_in(ledger, "reviewer")
    do(ledger, who, "claim", case(), 0, key="same-key-1")
    with pytest.raises(IdempotencyMismatch):
        do(ledger, who, "release", case(), 1, key="same-key-1")


def test_a_claim_keeps_others_out_until_it_expires(ledger: Ledger, case: Case) -> None:
    first, second = signed_in(ledger, "reviewer"), signed_in(ledger, "second")
    do(ledger, first, "claim", case(), 0)
    with pytest.raises(Conflict) as caught:
        do(ledger, second, "claim", case(), 1)
    assert caught.value.by == first.user_id
    later = NOW + timedelta(minutes=31)
    second = signed_in(ledger, "second", later)
    assert do(ledger, second, "claim", case(), 1, now=later).version == 2


def test_a_claim_of_a_disabled_person_is_void(ledger: Ledger, case: Case) -> None:
    first, second = signed_in(ledger, "reviewer"), signed_in(ledger, "second")
    do(ledger, first, "claim", case(), 0)
    set_active(ledger, first.user_id, False, now=NOW)
    assert case_states(ledger, ["item-1"])["item-1"].holder(NOW) is None
    assert do(ledger, second, "claim", case(), 1).version == 2
    with pytest.raises(Denied):
        do(ledger, first, "comment", case(), 0, comment="still here?")


def test_a_revoked_role_is_refused_at_commit_not_at_render(ledger: Ledger, case: Case) -> None:
    who, boss = signed_in(ledger, "reviewer"), signed_in(ledger, "boss")
    set_roles(ledger, who.user_id, ["analyst"], shops=None, now=NOW, actor=boss)
    with pytest.raises(Denied):
        do(ledger, who, "review_pass", case(), 0, reason_code="checked_ok")


def test_a_session_that_ended_or_idled_may_not_act(ledger: Ledger, case: Case) -> None:
    who = signed_in(ledger, "reviewer")
    with pytest.raises(Denied):
        do(ledger, who, "claim", case(), 0, now=NOW + timedelta(minutes=31))
    token = start_session(ledger, "reviewer", now=NOW)
    sign_out(ledger, token, NOW)
    assert do(ledger, who, "claim", case(), 0).version == 1


def test_rows_of_other_shops_are_out_of_reach(ledger: Ledger, case: Case) -> None:
    who = signed_in(ledger, "reviewer")
    set_roles(ledger, who.user_id, ["order_processor"], shops=["shop"], now=NOW)
    assert do(ledger, who, "claim", case(1), 0).version == 1
    with pytest.raises(Denied):
        do(ledger, who, "claim", case(2, shop_id="elsewhere"), 0)
    with pytest.raises(Denied):
        do(ledger, who, "claim", case(3, shop_id=None), 0)


def test_undo_restores_and_is_exported_as_a_decision(ledger: Ledger, case: Case) -> None:
    who = signed_in(ledger, "reviewer")
    do(ledger, who, "claim", case(), 0)
    done = do(ledger, who, "review_pass", case(), 1, reason_code="checked_ok")
    undone = do(ledger, who, "undo", case(), 2, now=NOW + timedelta(minutes=9))
    state = case_states(ledger, ["item-1"])["item-1"]
    assert (state.status, state.claimed_by, state.version) == ("open", who.user_id, 3)
    exported = list(decisions_after(ledger, 0))
    assert exported[-1]["decision_id"] == undone.action_id
    assert exported[-1]["undoes_decision_id"] == done.action_id
    with ledger.reading() as connection:
        assert [row.state for row in connection.execute(OUTBOX.select())] == ["cancelled"]
    assert audit_verify(ledger).ok


def test_undo_is_refused_too_late_or_once_sent(ledger: Ledger, case: Case) -> None:
    who = signed_in(ledger, "reviewer")
    do(ledger, who, "review_pass", case(1), 0, reason_code="checked_ok")
    with pytest.raises(Invalid, match="undo_too_late"):
        do(ledger, who, "undo", case(1), 1, now=NOW + timedelta(minutes=10, seconds=1))
    do(ledger, who, "review_pass", case(2), 0, reason_code="checked_ok")
    with ledger.writing() as connection:
        connection.execute(OUTBOX.update().values(state="sent"))
    with pytest.raises(Invalid, match="already_sent"):
        do(ledger, who, "undo", case(2), 1)


def test_above_the_limit_another_person_has_to_agree(ledger: Ledger, case: Case) -> None:
    first, second = signed_in(ledger, "reviewer"), signed_in(ledger, "second")
    dear = case(1, amount="50000.00")
    proposed = do(ledger, first, "review_pass", dear, 0, reason_code="checked_ok")
    assert proposed.state == "proposed"
    assert list(decisions_after(ledger, 0))[-1:] == []
    with pytest.raises(Denied, match="same_person"):
        do(ledger, first, "approve", dear, 1)
    with pytest.raises(Invalid, match="waits_for_second"):
        do(ledger, second, "review_reject", dear, 1, reason_code="wrong_price")
    agreed = do(ledger, second, "approve", dear, 1)
    decision = list(decisions_after(ledger, 0))[-1]
    assert (agreed.state, decision["verb"], decision["actor_id"]) == (
        "resolved",
        "review_pass",
        second.user_id,
    )
    assert first.user_id in decision["args"]
    assert audit_verify(ledger).ok


def test_nobody_takes_both_stages_of_an_order(ledger: Ledger, case: Case) -> None:
    """Both hats on one head do not help: who passed it first does not pass it for finance."""
    add_person(ledger, "both", "order_processor", "finance")
    add_person(ledger, "money", "finance")
    both, money = signed_in(ledger, "both"), signed_in(ledger, "money")
    passed = do(ledger, both, "review_pass", case(), 0, reason_code="checked_ok")
    dear = case(2, queue_code="Q08", order_id="shop-1", entity_id="shop-1")
    with pytest.raises(Denied, match="same_person"):
        do(ledger, both, "finance_pass", dear, 0, reason_code="verified_correct")
    done = do(ledger, money, "finance_pass", dear, 0, reason_code="verified_correct")
    assert done.state == "resolved"
    # What was taken back was no stage.
    do(ledger, both, "undo", case(), 1, action_id=passed.action_id)
    again = case(3, queue_code="Q08", order_id="shop-1", entity_id="shop-1")
    assert do(ledger, both, "finance_pass", again, 0, reason_code="verified_correct")


def test_a_hold_is_released_by_whom_its_type_allows(ledger: Ledger, case: Case) -> None:
    who, held = signed_in(ledger, "reviewer"), case(1, queue_code="Q09")
    locked = {"reason_code": "checked_ok", "hold_type": "channel"}
    with pytest.raises(Denied, match="not_your_hold"):
        do(ledger, who, "release_hold", held, 0, **locked)
    do(ledger, signed_in(ledger, "lead"), "release_hold", held, 0, **locked)
    assert next(decisions_after(ledger, 0))["hold_type"] == "channel"


def test_a_refused_proposal_leaves_the_case_open(ledger: Ledger, case: Case) -> None:
    first, second = signed_in(ledger, "reviewer"), signed_in(ledger, "second")
    dear = case(1, amount="50000.00")
    do(ledger, first, "review_pass", dear, 0, reason_code="checked_ok")
    refused = do(ledger, second, "refuse", dear, 1, reason_code="not_convinced")
    assert refused.state == "open"
    assert list(decisions_after(ledger, 0)) == []


def test_comments_stay_in_the_ledger(ledger: Ledger, case: Case) -> None:
    who = signed_in(ledger, "reviewer")
    do(ledger, who, "comment", case(), 0, comment="phone of the buyer is 13800138000")
    do(ledger, who, "resolve", case(), 0, reason_code="other", comment="called 13800138000, agreed")
    assert next(entry.comment for entry in history(ledger, order_id="shop-1")).startswith("called")
    assert "13800138000" not in str(list(decisions_after(ledger, 0)))


@pytest.mark.parametrize(
    ("verb", "args", "code"),
    [
        ("review_pass", {}, "reason_needed"),
        ("review_pass", {"reason_code": "because"}, "reason_unknown"),
        ("review_pass", {"reason_code": "force_pass"}, "note_needed"),
        ("claim", {"reason_code": "checked_ok"}, "reason_unknown"),
        ("claim", {"sql": "1"}, "bad_argument"),
        ("snooze", {"reason_code": "not_urgent", "until": "yesterday"}, "bad_time"),
        ("snooze", {"reason_code": "not_urgent", "until": "2026-11-21T08:59:00"}, "snooze_range"),
        ("release", {}, "not_yours"),
        ("comment", {}, "comment_empty"),
        ("undo", {}, "nothing_to_undo"),
    ],
)
def test_a_request_that_does_not_fit_is_refused_with_a_code(
    ledger: Ledger, case: Case, verb: str, args: dict[str, Any], code: str
) -> None:
    with pytest.raises(Invalid, match=code):
        do(ledger, signed_in(ledger, "reviewer"), verb, case(), 0, **args)
    assert history(ledger, item_id="item-1") == []


def test_assigning_asks_whether_the_other_person_may(ledger: Ledger, case: Case) -> None:
    lead, keeper = signed_in(ledger, "lead"), signed_in(ledger, "keeper")
    second = signed_in(ledger, "second")
    with pytest.raises(Invalid, match="assignee_may_not"):
        do(ledger, lead, "assign", case(), 0, to=keeper.user_id)
    with pytest.raises(Denied):
        do(ledger, second, "assign", case(), 0, to=second.user_id)
    do(ledger, lead, "assign", case(), 0, to=second.user_id)
    assert case_states(ledger, ["item-1"])["item-1"].holder(NOW) == second.user_id


def test_decisions_can_be_read_on_from_any_watermark(ledger: Ledger, case: Case) -> None:
    who = signed_in(ledger, "reviewer")
    for number in range(5):
        do(ledger, who, "claim", case(number), 0)
    everything = list(decisions_after(ledger, 0, batch=2))
    watermark = everything[1]["seq"]
    assert list(decisions_after(ledger, watermark)) == everything[2:]
    assert list(decisions_after(ledger, watermark, overlap=1)) == everything[1:]


def test_sending_again_goes_out_and_the_case_comes_back_if_nothing_changes(
    ledger: Ledger, case: Case
) -> None:
    unsynced = case(queue_code="Q21")
    with pytest.raises(Denied):
        do(ledger, signed_in(ledger, "keeper"), "re_push", unsynced, 0)
    do(ledger, signed_in(ledger, "lead"), "re_push", unsynced, 0)
    state = case_states(ledger, ["item-1"])["item-1"]
    assert (state.status, state.snoozed_until) == ("snoozed", NOW + timedelta(minutes=15))
    with ledger.engine.connect() as connection:
        assert [row.verb for row in connection.execute(OUTBOX.select())] == ["re_push"]


def test_a_chased_supplier_comes_back_and_a_switched_one_is_told_outside(
    ledger: Ledger, case: Case
) -> None:
    late = case(queue_code="Q20")
    with pytest.raises(Denied):
        do(ledger, signed_in(ledger, "keeper"), "chase_supplier", late, 0)
    who = signed_in(ledger, "purchaser")
    do(ledger, who, "chase_supplier", late, 0)
    state = case_states(ledger, ["item-1"])["item-1"]
    assert (state.status, state.snoozed_until) == ("snoozed", NOW + timedelta(hours=4))
    do(ledger, who, "switch_supplier", late, 1, reason_code="supplier_too_slow")
    assert case_states(ledger, ["item-1"])["item-1"].is_decided
    with ledger.engine.connect() as connection:
        sent = [row.verb for row in connection.execute(OUTBOX.select())]
    assert sorted(sent) == ["chase_supplier", "switch_supplier"]


def test_nobody_reviews_an_order_they_entered(ledger: Ledger, case: Case) -> None:
    add_person(ledger, "enters", "ops_lead")
    add_person(ledger, "other", "ops_lead")
    lead, other = signed_in(ledger, "enters"), signed_in(ledger, "other")
    missed = case(2, queue_code="Q01", order_id="shop-1", entity_id="shop-1")
    do(ledger, lead, "import_manually", missed, 0)
    for number, (queue, verb) in enumerate((("Q07", "review_pass"), ("Q10", "allow_once")), 3):
        waiting = case(number, queue_code=queue, order_id="shop-1", entity_id="shop-1")
        with pytest.raises(Denied, match="same_person"):
            do(ledger, lead, verb, waiting, 0, reason_code="checked_ok")
        assert do(ledger, other, verb, waiting, 0, reason_code="checked_ok").state == "resolved"
