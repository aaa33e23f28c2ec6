"""A refund asked for from a case: one decision, one request, and the case waits for it."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from orderhouse.access import get_policy
from orderhouse.ledger import (
    ActResult,
    Answer,
    Denied,
    Invalid,
    Ledger,
    ObjectRef,
    RefundRequest,
    act,
    audit_verify,
    case_states,
    decisions_after,
    refund_requests_of,
)
from orderhouse.ledger.refunds import replayed
from orderhouse.ledger.tables import OUTBOX
from tests.ledger.test_refunds import account, answered
from tests.ledger.test_refunds import do as step
from tests.support.people import NOW, add_person, signed_in


@pytest.fixture(autouse=True)
def _desk(request: pytest.FixtureRequest) -> None:
    if "ledger" in request.fixturenames:
        ledger = request.getfixturevalue("ledger")
        add_person(ledger, "desk", "cs")
        add_person(ledger, "carrier", "logistics")


def case(queue: str = "Q25", item: str = "item-1", **more: Any) -> ObjectRef:
    given: dict[str, Any] = {"entity_type": "order", "entity_id": "tb-1", "order_id": "tb-1"}
    return ObjectRef(queue_code=queue, item_id=item, shop_id="tb", **(given | more))


def decide(
    ledger: Ledger, person: str, verb: str, ref: ObjectRef, version: int, **args: Any
) -> ActResult:
    return act(
        ledger, signed_in(ledger, person, NOW), verb=verb, object=ref, args=args,
        expected_version=version, idempotency_key=secrets.token_hex(8), now=NOW,
        snapshot_id="build-1",
    )  # fmt: skip


def refund(
    ledger: Ledger, person: str = "desk", amount: object = 50, ref: ObjectRef | None = None,
    verb: str = "refund",
) -> RefundRequest:  # fmt: skip
    args = {"amount": str(amount), "currency_code": "CNY", "reason_code": "not_received"}
    decide(ledger, person, verb, ref or case(), 0, **args, **account(300))
    [request] = refund_requests_of(ledger, order_id="tb-1")
    return request


def status(ledger: Ledger, item: str = "item-1") -> str:
    return case_states(ledger, [item])[item].status


def kept(ledger: Ledger) -> list[str]:
    """Decisions of the case that the fold still counts."""
    rows = [row for row in decisions_after(ledger, 0) if row["item_id"] == "item-1"]
    undone = {row["undoes_decision_id"] for row in rows}
    return [row["verb"] for row in rows if row["decision_id"] not in undone
            and row["undoes_decision_id"] is None]  # fmt: skip


def messages(ledger: Ledger) -> list[tuple[str, str]]:
    with ledger.reading() as connection:
        rows = connection.execute(select(OUTBOX.c.verb, OUTBOX.c.state)).all()
    return [(row.verb, row.state) for row in rows]


def test_the_case_waits_for_the_request_it_opened(ledger: Ledger) -> None:
    request = refund(ledger)
    assert (request.status, request.amount, request.reason_code) == ("approved", 50, "not_received")
    state = case_states(ledger, ["item-1"])["item-1"]
    minutes = get_policy().verbs["refund"].minutes
    assert (state.status, state.snoozed_until) == ("snoozed", NOW + timedelta(minutes=minutes))
    [row] = [row for row in decisions_after(ledger, 0) if row["verb"] == "refund"]
    assert row["request_number"] == request.request_id
    # Money leaves by the message of the request and by no other.
    assert messages(ledger) == [("refund_approve", "pending")]
    assert audit_verify(ledger).ok


@pytest.mark.parametrize(
    ("person", "queue", "amount", "state"),
    [("desk", "Q25", "100.01", "proposed"), ("keeper", "Q11", 1, "proposed"),
     ("carrier", "Q24", 1, "proposed"), ("lead", "Q05", 250, "approved"),
     ("clerk", "Q06", 250, "approved")],
)  # fmt: skip
def test_the_limit_of_a_post_is_that_of_every_refund(
    ledger: Ledger, person: str, queue: str, amount: object, state: str
) -> None:
    verb = "refund_difference" if queue == "Q06" else "refund"
    assert refund(ledger, person, amount, case(queue), verb).status == state


@pytest.mark.parametrize("amount", ["300.01", "0", "-1", "nan", "1.005"])
def test_an_amount_that_cannot_be_given_back_leaves_no_trace(ledger: Ledger, amount: str) -> None:
    with pytest.raises(Invalid):
        refund(ledger, "clerk", amount, case("Q06"), "refund_difference")
    assert refund_requests_of(ledger) == []
    assert (status(ledger), kept(ledger), messages(ledger)) == ("open", [], [])


def test_what_somebody_else_has_asked_for_is_not_there_a_second_time(ledger: Ledger) -> None:
    refund(ledger, amount=200)
    args = {"amount": "101", "currency_code": "CNY", "reason_code": "not_received"}
    with pytest.raises(Invalid, match="above_refundable"):
        decide(ledger, "desk", "refund", case(item="item-2"), 0, **args, **account(300))
    assert status(ledger, "item-2") == "open"


ENDS = {
    "refused": ("clerk", "refund_refuse", {"reason_code": "not_due"}, 200),
    "withdrawn": ("desk", "refund_withdraw", {}, 200),
    "stopped before it is agreed to": ("clerk", "refund_stop", {}, 200),
    "stopped before it is sent": ("clerk", "refund_stop", {}, 50),
    "given up": ("clerk", "refund_void", {"reason_code": "shop_refused"}, 50),
}


@pytest.mark.parametrize("how", list(ENDS))
def test_a_refund_that_will_not_be_paid_gives_the_case_back(ledger: Ledger, how: str) -> None:
    person, verb, args, amount = ENDS[how]
    request = refund(ledger, amount=amount)
    if verb == "refund_void":
        answered(ledger, Answer(outcome="refused", code="422"))
    assert (status(ledger), kept(ledger)) == ("snoozed", ["refund"])
    step(ledger, person, verb, 1, request.request_id, **args)
    assert (status(ledger), kept(ledger)) == ("open", [])
    # The case can be decided again, with all of the money.
    again = {"amount": "300", "currency_code": "CNY", "reason_code": "not_received"}
    decide(ledger, "desk", "refund", case(), 2, **again, **account(300))
    assert status(ledger) == "snoozed"
    assert audit_verify(ledger).ok
    with ledger.reading() as connection:
        assert replayed(connection) == {r.request_id: r for r in refund_requests_of(ledger)}


def test_who_went_on_with_the_case_is_not_disturbed_when_its_refund_is_refused(
    ledger: Ledger,
) -> None:
    request = refund(ledger, amount=200)
    decide(ledger, "desk", "claim", case(), 1)
    step(ledger, "clerk", "refund_refuse", 1, request.request_id, reason_code="not_due")
    state = case_states(ledger, ["item-1"])["item-1"]
    assert (state.status, state.claimed_by is not None) == ("open", True)
    assert kept(ledger) == ["claim"]


@pytest.mark.parametrize("amount", [50, 200])
def test_taken_back_nothing_is_asked_for_any_more(ledger: Ledger, amount: int) -> None:
    request = refund(ledger, amount=amount)
    decide(ledger, "desk", "undo", case(), 1)
    assert [one.status for one in refund_requests_of(ledger)] == ["withdrawn"]
    assert (status(ledger), kept(ledger)) == ("open", [])
    assert ("refund_approve", "pending") not in messages(ledger)
    with pytest.raises(Invalid):
        step(ledger, "clerk", "refund_approve", 2, request.request_id, **account(300))
    assert audit_verify(ledger).ok


def test_what_has_left_the_house_is_not_taken_back(ledger: Ledger) -> None:
    refund(ledger)
    answered(ledger, Answer(outcome="answered", code="200"))
    with pytest.raises(Invalid, match="already_sent"):
        decide(ledger, "desk", "undo", case(), 1)
    assert status(ledger) == "snoozed"


def test_stopping_a_refund_that_has_not_left_stops_it_and_bothers_nobody(ledger: Ledger) -> None:
    refund(ledger, amount=50)
    ref = case("Q29", "item-9")
    decide(ledger, "clerk", "stop_refund", ref, 0)
    assert [one.status for one in refund_requests_of(ledger)] == ["withdrawn"]
    assert messages(ledger) == [("refund_approve", "cancelled")]
    assert (status(ledger, "item-9"), status(ledger)) == ("snoozed", "open")
    with pytest.raises(Invalid, match="not_revived"):
        decide(ledger, "clerk", "undo", ref, 1)


def test_stopping_a_refund_that_has_left_is_asked_of_whoever_pays(ledger: Ledger) -> None:
    refund(ledger)
    answered(ledger, Answer(outcome="answered", code="200"))
    decide(ledger, "clerk", "stop_refund", case("Q29", "item-9"), 0)
    assert [one.status for one in refund_requests_of(ledger)] == ["approved"]
    assert ("stop_refund", "pending") in messages(ledger)


@pytest.mark.parametrize("person", ["desk", "keeper", "reviewer"])
def test_only_who_answers_for_money_stops_it(ledger: Ledger, person: str) -> None:
    request = refund(ledger)
    with pytest.raises(Denied):
        step(ledger, person, "refund_stop", 1, request.request_id)
