"""What is paid beforehand: deposits, with the rest at the door or on a day of its own."""

from __future__ import annotations

from tests.dbt_project.facts import DAY, START, Fact, decided, line, order, paid

HOUR = DAY / 24
SHIP_BY = START + DAY * 12
LATER = START + DAY * 200  # no fact of the stories reaches as far


def _at_the_door(order_id: str, deposit: float, collected: float | None) -> list[Fact]:
    t = START + DAY
    facts = [
        order(order_id, t, payment_method="cod"), line(order_id, sku="SKU93"),
        paid(order_id, t + HOUR, deposit, provider="wechat", merchant_payment_id=None),
    ]  # fmt: skip
    if collected is not None:
        facts.append(("payments", {
            "payment_id": f"{order_id}-cod", "order_id": order_id, "payment_kind": "cod_collected",
            "payment_status": "succeeded", "paid_at": t + DAY * 3, "amount": collected,
            "currency_code": "CNY",
        }))  # fmt: skip
    return facts


def _in_two_steps(order_id: str, first: float, rest: float | None, **given: object) -> list[Fact]:
    t = START + DAY
    ways = {"provider": "wechat", "merchant_payment_id": None}
    facts = [
        order(order_id, t, **{"deposit_amount": 30, **given}), line(order_id, sku="SKU93"),
        paid(order_id, t + HOUR, first, **ways),
    ]  # fmt: skip
    if rest is not None:
        facts.append(
            paid(order_id, t + DAY * 2, rest, payment_id=f"{order_id}-rest", **ways)
        )  # fmt: skip
    return facts


def deposits() -> list[Fact]:
    """Each order costs 100."""
    due = START + DAY * 4
    return [
        # To collect: a part, more than the price, what is left of it, too little of it.
        *_at_the_door("tb-930", 30, None), *_at_the_door("tb-931", 120, None),
        *_at_the_door("tb-932", 30, 70), *_at_the_door("tb-933", 30, 60),
        # The rest is not due; was due; came; the deposit was not paid whole; too much was paid.
        *_in_two_steps("tb-934", 30, None, rest_due_at=LATER),
        *_in_two_steps("tb-935", 30, None, rest_due_at=due),
        *_in_two_steps("tb-936", 30, 70, rest_due_at=due),
        *_in_two_steps("tb-937", 20, None, rest_due_at=LATER),
        *_in_two_steps("tb-938", 30, 80, rest_due_at=LATER),
        # Closed because the rest never came: the deposit was all there was to pay.
        *_in_two_steps("tb-939", 30, None, rest_due_at=due, cancelled_at=due + HOUR),
        # The channel says by when to ship; the rest came late; given up before its day.
        *_in_two_steps("tb-960", 30, 70, rest_due_at=due, ship_by_at=SHIP_BY),
        *_in_two_steps("tb-961", 30, 70, rest_due_at=START + DAY * 2),
        *_in_two_steps("tb-962", 30, None, rest_due_at=due, cancelled_at=due - HOUR),
        # On terms the goods leave before the rest; the rest paid in two parts; all paid at once.
        *_in_two_steps("tb-963", 30, None, rest_due_at=LATER, leaves_on_deposit=True),
        *_in_two_steps("tb-964", 30, 40, rest_due_at=due),
        paid("tb-964", START + DAY * 3.5, 30, payment_id="tb-964-last", provider="wechat",
             merchant_payment_id=None),
        *_in_two_steps("tb-965", 100, None, rest_due_at=due),
        # The rest was given a day more.
        *_in_two_steps("tb-966", 30, None, rest_due_at=due),
        decided("tb-966", "extend_payment", START + DAY * 3, queue_code="Q04"),
    ]  # fmt: skip
