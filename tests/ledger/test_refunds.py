"""Refunds decided in the house: limits by post, two people above them, never more than is there."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update

from orderhouse.coins import coins, written
from orderhouse.ledger import (
    ActResult,
    Answer,
    Conflict,
    Denied,
    IdempotencyMismatch,
    Invalid,
    Ledger,
    ObjectRef,
    act,
    audit_verify,
    claim,
    decisions_after,
    hand_over,
    refund_deliveries,
    refund_requests_of,
    refund_steps_after,
    settle,
)
from orderhouse.ledger.refunds import ENTITY
from orderhouse.ledger.tables import OUTBOX, REFUND_REQUESTS
from tests.support.people import NOW, add_person, signed_in

ONE, TWO, THREE = (f"OHR-0000000000A{n}" for n in (1, 2, 3))


@pytest.fixture(autouse=True)
def _desk(request: pytest.FixtureRequest) -> None:
    if "ledger" in request.fixturenames:
        ledger = request.getfixturevalue("ledger")
        add_person(ledger, "desk", "cs")
        add_person(ledger, "deskb", "cs", shops=("other",))


def do(
    ledger: Ledger, person: str, verb: str, version: int, name: str = ONE, **args: Any
) -> ActResult:
    key, order = args.pop("key", secrets.token_hex(8)), args.pop("order", "tb-1")
    return act(
        ledger,
        signed_in(ledger, person, NOW),
        verb=verb,
        object=ObjectRef(
            queue_code=None, item_id=name, entity_type=ENTITY, entity_id=name, order_id=order,
            shop_id="tb",
        ),
        args=args,
        expected_version=version,
        idempotency_key=key,
        now=NOW,
        snapshot_id="build-1",
    )  # fmt: skip


def account(
    captured: object = 300, refunded: object = 0, under_way: object = 0, counted: Any = ()
) -> dict[str, Any]:
    return {
        "captured_amount": str(captured), "refunded_amount": str(refunded),
        "under_way_amount": str(under_way), "counted": list(counted),
    }  # fmt: skip


def ask(
    ledger: Ledger, amount: object, person: str = "desk", name: str = ONE, **more: Any
) -> ActResult:
    args = {"amount": str(amount), "currency_code": "CNY", "reason_code": "goodwill"} | account()
    return do(ledger, person, "refund_ask", 0, name, **(args | more))


def sent(ledger: Ledger) -> list[str]:
    with ledger.reading() as connection:
        rows = connection.execute(OUTBOX.select()).mappings().all()
    return [row["payload"] for row in rows if row["verb"] == "refund_approve"
            and row["state"] != "cancelled"]  # fmt: skip


def steps(ledger: Ledger) -> list[tuple[str, str, Decimal]]:
    return [
        (row["refund_id"], row["refund_status"], Decimal(row["amount"]))
        for row in refund_steps_after(ledger, 0)
    ]


def test_within_the_limit_of_the_post_one_person_decides_and_it_is_sent(ledger: Ledger) -> None:
    done = ask(ledger, "99.50", case_id="case-1")
    assert (done.state, done.version) == ("approved", 1)
    [payload] = sent(ledger)
    for part in (f'"entity_id":"{ONE}"', '"amount":"99.50"', '"currency_code":"CNY"',
                 '"order_id":"tb-1"', '"shop_id":"tb"', '"case_id":"case-1"'):  # fmt: skip
        assert part in payload
    assert "desk" not in payload
    assert steps(ledger) == [
        (ONE, "requested", Decimal("99.50")), (ONE, "approved", Decimal("99.50")),
    ]  # fmt: skip
    assert audit_verify(ledger).ok


def test_above_the_limit_nothing_leaves_until_finance_agrees(ledger: Ledger) -> None:
    assert ask(ledger, "100.01").state == "proposed"
    assert sent(ledger) == []
    done = do(ledger, "clerk", "refund_approve", 1, **account())
    assert (done.state, done.version) == ("approved", 2)
    [payload] = sent(ledger)
    assert '"amount":"100.01"' in payload
    assert [step[1] for step in steps(ledger)] == ["requested", "approved"]
    assert audit_verify(ledger).ok


def test_a_limit_is_not_passed_in_small_pieces(ledger: Ledger) -> None:
    assert ask(ledger, 60).state == "approved"
    assert ask(ledger, 41, name=TWO).state == "proposed"
    assert ask(ledger, 41, name=THREE, order="tb-2").state == "approved"


@pytest.mark.parametrize(
    ("person", "state"),
    [("desk", "proposed"), ("lead", "approved"), ("keeper", "proposed"), ("clerk", "approved")],
)
def test_each_post_has_its_own_limit(ledger: Ledger, person: str, state: str) -> None:
    assert ask(ledger, 250, person).state == state


def test_a_currency_without_a_limit_needs_a_second_person(ledger: Ledger) -> None:
    assert ask(ledger, 1, "clerk", currency_code="JPY").state == "proposed"


@pytest.mark.parametrize("verb", ["refund_approve", "refund_refuse"])
def test_whoever_asked_for_it_does_not_decide_about_it(ledger: Ledger, verb: str) -> None:
    money = account(9000)
    ask(ledger, 3000, "clerk", **money)
    args = money if verb == "refund_approve" else {"reason_code": "not_convinced"}
    with pytest.raises(Denied) as refused:
        do(ledger, "clerk", verb, 1, **args)
    assert refused.value.code == "ledger.same_person"
    assert do(ledger, "clerk2", verb, 1, **args).version == 2


@pytest.mark.parametrize("person", ["desk", "lead", "keeper", "reviewer", "boss", "purchaser"])
def test_only_finance_agrees(ledger: Ledger, person: str) -> None:
    ask(ledger, 200, "desk")
    with pytest.raises(Denied):
        do(ledger, person, "refund_approve", 1, **account())
    assert sent(ledger) == []


def test_what_is_very_much_needs_the_supervisor(ledger: Ledger) -> None:
    money = account(50_000)
    ask(ledger, "20000.01", "desk", **money)
    with pytest.raises(Denied) as refused:
        do(ledger, "clerk", "refund_approve", 1, **money)
    assert refused.value.code == "refund.above_limit"
    assert do(ledger, "auditor", "refund_approve", 1, **money).state == "approved"


@pytest.mark.parametrize("person", ["reviewer", "purchaser", "boss"])
def test_other_posts_do_not_ask(ledger: Ledger, person: str) -> None:
    with pytest.raises(Denied):
        ask(ledger, 1, person)


def test_whoever_sees_other_shops_only_does_not_ask(ledger: Ledger) -> None:
    with pytest.raises(Denied) as refused:
        ask(ledger, 1, "deskb")
    assert refused.value.code == "ledger.out_of_scope"


def test_only_who_asked_takes_it_back_and_then_it_is_over(ledger: Ledger) -> None:
    ask(ledger, 200)
    with pytest.raises(Denied):
        do(ledger, "clerk", "refund_withdraw", 1)
    assert do(ledger, "desk", "refund_withdraw", 1).state == "withdrawn"
    with pytest.raises(Invalid):
        do(ledger, "clerk", "refund_approve", 2, **account())
    assert steps(ledger)[-1][1] == "rejected"


@pytest.mark.parametrize(
    ("money", "fits"),
    [
        (account(80), True), (account("79.99"), False), (account(100, 20), True),
        (account(100, "20.01"), False), (account(100, 10, 10), True),
        (account(100, 10, "10.01"), False),
    ],
)  # fmt: skip
def test_never_more_than_was_captured_less_what_went_back_and_is_under_way(
    ledger: Ledger, money: dict[str, Any], fits: bool
) -> None:
    if fits:
        assert ask(ledger, 80, **money).state == "approved"
        return
    with pytest.raises(Invalid) as refused:
        ask(ledger, 80, **money)
    assert refused.value.code == "refund.above_refundable"


def test_what_the_house_has_asked_for_is_under_way_until_the_snapshot_has_it(
    ledger: Ledger,
) -> None:
    ask(ledger, 90, **account(100))
    with pytest.raises(Invalid):
        ask(ledger, 11, name=TWO, **account(100))
    # The snapshot says that it went through: counted there, no longer here.
    assert ask(ledger, 10, name=TWO, **account(100, 90, counted=[ONE])).version == 1
    with pytest.raises(Invalid):
        ask(ledger, 1, name=THREE, **account(100, 90, counted=[ONE]))


def test_what_was_refused_or_withdrawn_is_there_again(ledger: Ledger) -> None:
    ask(ledger, 250)
    do(ledger, "clerk", "refund_refuse", 1, reason_code="not_due")
    assert ask(ledger, 300, name=TWO).state == "proposed"
    do(ledger, "desk", "refund_withdraw", 1, TWO)
    assert ask(ledger, 300, name=THREE).state == "proposed"


def test_agreeing_looks_again_at_what_is_there(ledger: Ledger) -> None:
    ask(ledger, 200)
    with pytest.raises(Invalid):
        do(ledger, "clerk", "refund_approve", 1, **account(300, "100.01"))


def test_two_people_at_once_do_not_give_back_more_than_is_there(ledger: Ledger) -> None:
    def one(number: int) -> bool:
        try:
            name = f"OHR-{number:012X}"
            ask(ledger, 30, "clerk" if number % 2 else "clerk2", name, **account(100))
        except Invalid:
            return False
        return True

    with ThreadPoolExecutor(4) as people:
        done = list(people.map(one, range(8)))
    assert sum(done) == 3
    assert len(sent(ledger)) == 3
    assert audit_verify(ledger).ok


def test_an_order_that_is_being_cancelled_is_paid_back_by_that(ledger: Ledger) -> None:
    item = ObjectRef(queue_code="Q07", item_id="i-1", entity_type="order", entity_id="tb-1",
                     order_id="tb-1", shop_id="tb")  # fmt: skip
    act(
        ledger, signed_in(ledger, "reviewer"), verb="review_reject", object=item,
        args={"reason_code": "suspected_fraud"}, expected_version=0, idempotency_key="cancel-it",
        now=NOW, snapshot_id="b",
    )  # fmt: skip
    with pytest.raises(Invalid) as refused:
        ask(ledger, 1)
    assert refused.value.code == "refund.cancel_under_way"


def test_a_second_click_is_the_same_decision(ledger: Ledger) -> None:
    ask(ledger, 50, key="click-click")
    assert ask(ledger, 50, key="click-click").replayed
    with pytest.raises(IdempotencyMismatch):
        ask(ledger, 60, key="click-click")
    with pytest.raises(Conflict):
        ask(ledger, 50)
    assert len(sent(ledger)) == 1


@pytest.mark.parametrize("changed", [
    {"amount": "0"}, {"amount": "-5"}, {"amount": "nan"}, {"amount": "1.001"}, {"amount": "x"},
    {"amount": "1e3000"}, {"amount": "0.5", "currency_code": "JPY"}, {"currency_code": ""},
    {"name": "OHR-1"}, {"order": None}, {"reason_code": "because"}, {"captured_amount": "x"},
    {"waits": False},
])  # fmt: skip
def test_what_is_no_refund_is_refused(ledger: Ledger, changed: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        ask(ledger, **({"amount": "1"} | changed))
    assert refund_requests_of(ledger) == []


def test_a_step_is_about_the_order_the_request_is_about(ledger: Ledger) -> None:
    ask(ledger, 200)
    with pytest.raises(Invalid):
        do(ledger, "clerk", "refund_approve", 1, order="tb-2", **account())


def test_agreeing_cannot_change_what_was_asked_for(ledger: Ledger) -> None:
    ask(ledger, 250)
    with pytest.raises(Invalid, match="bad_argument"):
        do(ledger, "clerk", "refund_approve", 1, amount="1", currency_code="USD", **account())
    assert sent(ledger) == []


def answered(ledger: Ledger, answer: Answer, system: str = "shop") -> None:
    later = NOW + timedelta(minutes=1)
    hand_over(ledger, later, lambda verb, shop: [system])
    for message in claim(ledger, system, later, limit=10):
        settle(ledger, message, answer, later)


def test_a_system_that_took_it_over_makes_it_sent_under_its_own_number(ledger: Ledger) -> None:
    ask(ledger, 50)
    answered(ledger, Answer(outcome="answered", code="refunded", reference="re_9"))
    [*_, last] = refund_steps_after(ledger, 0)
    assert (last["refund_id"], last["refund_status"]) == (ONE, "sent")
    assert last["provider_refund_id"] == "re_9"
    assert refund_deliveries(ledger, refund_requests_of(ledger)) == {ONE: "refunded"}
    with pytest.raises(Invalid) as refused:
        do(ledger, "clerk", "refund_void", 1, reason_code="shop_refused")
    assert refused.value.code == "refund.may_still_go"


def test_what_the_shop_refused_can_be_given_up_and_is_not_sent_again(ledger: Ledger) -> None:
    ask(ledger, 90, **account(100))
    with pytest.raises(Invalid):
        do(ledger, "clerk", "refund_void", 1, reason_code="shop_refused")
    answered(ledger, Answer(outcome="refused", code="422"))
    done = do(ledger, "clerk", "refund_void", 1, reason_code="shop_refused")
    assert done.state == "failed"
    assert steps(ledger)[-1] == (ONE, "failed", Decimal(90))
    # The money is there again, and "send again" finds nothing to send.
    assert ask(ledger, 90, name=TWO, **account(100)).version == 1
    [action] = [row["decision_id"] for row in decisions_after(ledger, 0)
                if (row["verb"], row["entity_id"]) == ("refund_ask", ONE)]  # fmt: skip
    key = f"{action}.shop"
    item = ObjectRef(queue_code="Q21", item_id="m", entity_type="message", entity_id=key,
                     shop_id="tb")  # fmt: skip
    act(
        ledger, signed_in(ledger, "lead"), verb="re_push", object=item, args={},
        expected_version=0, idempotency_key="push-it-again", now=NOW, snapshot_id="b",
    )  # fmt: skip
    later = NOW + timedelta(minutes=20)
    hand_over(ledger, later, lambda verb, shop: ["shop"])
    assert [m.payload["entity_id"] for m in claim(ledger, "shop", later, limit=9)] == [TWO]
    assert audit_verify(ledger).ok


def test_what_the_source_tells_under_another_number_does_not_count_twice(ledger: Ledger) -> None:
    ask(ledger, 90, **account(100))
    with pytest.raises(Invalid, match="may_still_go"):  # nobody has answered yet
        do(ledger, "clerk", "refund_void", 1, reason_code="paid_otherwise")
    answered(ledger, Answer(outcome="answered", code="taken"))
    with pytest.raises(Invalid, match="may_still_go"):
        do(ledger, "clerk", "refund_void", 1, reason_code="shop_refused")
    assert do(ledger, "clerk", "refund_void", 1, reason_code="paid_otherwise").state == "failed"
    # The ninety stand in what has gone back; the ten that are left may go.
    assert ask(ledger, 10, name=TWO, **account(100, 90)).version == 1
    assert audit_verify(ledger).ok


def test_a_refund_the_source_says_failed_can_be_given_up(ledger: Ledger) -> None:
    ask(ledger, 50)
    answered(ledger, Answer(outcome="answered", code="refunded"))
    args = {"reason_code": "shop_refused", "told_status": "failed"}
    assert do(ledger, "clerk", "refund_void", 1, **args).state == "failed"


def test_an_amount_changed_behind_the_chain_is_found(ledger: Ledger) -> None:
    ask(ledger, 50)
    with ledger.writing() as connection:
        connection.execute(update(REFUND_REQUESTS).values(amount="5"))
    assert audit_verify(ledger).reason == "refund_request_changed"


def test_amounts_are_written_in_the_coins_of_their_currency() -> None:
    assert [coins(Decimal("12.5"), code) for code in ("USD", "KWD")] == [1250, 12500]
    assert (coins(Decimal(700), "JPY"), written(Decimal(700), "JPY")) == (700, "700")
    with pytest.raises(ValueError, match="finer"):
        coins(Decimal("0.5"), "JPY")
