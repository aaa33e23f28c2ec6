"""Cases people act on: refunds and money asked back from them, and what came of it."""

from __future__ import annotations

import hashlib
from typing import Any

from tests.dbt_project.facts import (
    DAY,
    START,
    Fact,
    billed,
    decided,
    line,
    moved,
    order,
    paid,
    scan,
    shown,
    step,
)
from tests.dbt_project.facts import refunded as given_back
from tests.dbt_project.request_facts import decided_refund

HOUR = DAY / 24
T = START + DAY * 5
PAID_OUT, REFUSED = (f"OHR-{number:012X}" for number in (0x950, 0x951))


def item_of(queue: str, kind: str, entity: str, episode: int = 1) -> str:
    """The case of a queue, as `queue_items` names it."""
    return hashlib.md5(f"{queue}|{kind}|{entity}|{episode}".encode()).hexdigest()


def acted_on() -> list[Fact]:
    return [*_refunded(), *_recovered(), *_given_longer(), *_levels(), *_a_test()]


def _sent(order_id: str) -> list[Fact]:
    """Under way since half a day, and not heard of since."""
    number = f"SF{order_id[3:]}"
    return [
        order(order_id, T - DAY), line(order_id, sku="SKU870"), paid(order_id, T - DAY),
        billed(order_id, T - DAY),
        step(order_id, "handed_over", T - DAY / 2, carrier="sf", tracking_number=number),
        scan(number, "50", T - DAY / 3),
    ]  # fmt: skip


def _about(order_id: str, verb: str, days: float, /, **given: Any) -> Fact:
    parcel = f"{order_id}-SF{order_id[3:]}"
    return decided(
        order_id, verb, T + DAY * days, queue_code="Q24", entity_type="shipment", entity_id=parcel,
        item_id=item_of("Q24", "shipment", parcel), **given,
    )  # fmt: skip


def _refunded() -> list[Fact]:
    """Two silent parcels are refunded from their cases: one is paid, one refused by finance."""
    paid_out, refused = "tb-950", "tb-951"
    return [
        *_sent(paid_out), *_sent(refused),
        _about(paid_out, "refund", 3, request_number=PAID_OUT, decision_id="refund-950"),
        decided_refund(paid_out, PAID_OUT, "requested", 3, 100),
        decided_refund(paid_out, PAID_OUT, "approved", 3, 100),
        given_back(paid_out, "R1", T + DAY * 4, 100, request_number=PAID_OUT),
        _about(refused, "refund", 3, request_number=REFUSED, decision_id="refund-951"),
        decided_refund(refused, REFUSED, "requested", 3, 100),
        decided_refund(refused, REFUSED, "rejected", 4, 100),
        _about(refused, "refund_fell_through", 4, undoes_decision_id="refund-951"),
    ]  # fmt: skip


def _recovered() -> list[Fact]:
    """Paid back without a case; asked back, it comes in two pieces."""
    one, wrong = "tb-952", "tb-952-R1"
    back = {"payment_kind": "capture", "source": "taobao"}
    return [
        *_sent(one), scan("SF952", "80", T),
        given_back(one, "R1", T + HOUR, 40, refund_kind="return"),
        decided(one, "recover_money", T + DAY, queue_code="Q29", entity_type="refund",
                entity_id=wrong, item_id=item_of("Q29", "refund", wrong, 2), amount=40),
        paid(one, T + DAY * 2, 25, payment_id="tb-952-back1", **back),
        paid(one, T + DAY * 3, 15, payment_id="tb-952-back2", **back),
    ]  # fmt: skip


def _given_longer() -> list[Fact]:
    """Unpaid orders given longer: in time, late and twice, and taken back; a hold given longer."""
    in_time, late, undone, held = "tb-953", "tb-954", "tb-955", "tb-956"
    facts: list[Fact] = []
    for order_id in (in_time, late, undone):
        facts += [order(order_id, T), line(order_id, sku="SKU870")]
    return [
        *facts,
        decided(in_time, "extend_payment", T + HOUR * 4, queue_code="Q04"),
        paid(in_time, T + DAY * 1.5),
        decided(late, "extend_payment", T + DAY * 3, queue_code="Q04"),
        decided(late, "extend_payment", T + DAY * 3 + HOUR, queue_code="Q04"),
        decided(undone, "extend_payment", T + DAY * 2, queue_code="Q04", decision_id="longer-955"),
        decided(undone, "undo", T + DAY * 2 + HOUR / 10, queue_code="Q04",
                undoes_decision_id="longer-955"),
        order(held, T), line(held, sku="SKU870"), paid(held, T), billed(held, T),
        decided(held, "review_hold", T + HOUR, queue_code="Q07", reason_code="other"),
        decided(held, "extend_hold", T + DAY * 2, queue_code="Q09", hold_type="other"),
    ]  # fmt: skip


def _levels() -> list[Fact]:
    """Two places given another level: one twice, of the other it is taken back."""
    return [
        moved("SKU950", "opening", 20, T, "m-950"), moved("SKU951", "opening", 3, T, "m-951"),
        moved("SKU952", "opening", 3, T, "m-952"),
        _level("SKU950", 30, 1), _level("SKU950", 10, 2), _level("SKU951", 2, 1),
        _level("SKU952", 2, 1),
        decided("SKU952", "undo", T + DAY * 1.01, queue_code="Q12", entity_type="stock",
                entity_id="SKU952@WH1", order_id=None, undoes_decision_id="SKU952-2"),
    ]  # fmt: skip


def _level(sku: str, quantity: int, days: float) -> Fact:
    return decided(
        sku, "change_threshold", T + DAY * days, queue_code="Q12", entity_type="stock",
        entity_id=f"{sku}@WH1", order_id=None, quantity=quantity, decision_id=f"{sku}-{quantity}",
    )  # fmt: skip


def _a_test() -> list[Fact]:
    """The channel lists an order nobody has sent: somebody says that it is a test."""
    test = "tb-957"
    return [
        shown(test, "TRADE_FINISHED", T), shown(test, "TRADE_FINISHED", T + HOUR * 2),
        decided(test, "ignore_test", T + HOUR, queue_code="Q01",
                item_id=item_of("Q01", "order", test)),
    ]  # fmt: skip
