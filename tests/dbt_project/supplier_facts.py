"""Orders that suppliers send in place of the house, in time and as agreed, and not."""

from __future__ import annotations

from datetime import datetime

from tests.dbt_project.facts import (
    DAY,
    START,
    Fact,
    billed,
    case,
    decided,
    line,
    order,
    paid,
    step,
)
from tests.dbt_project.worlds import at

HOUR = DAY / 24
TOLD = START + DAY * 20
IN_CAMPAIGN = at("2026-06-17 18:00")


def told(order_id: str, when: datetime, sku: str = "SKU1", /, **given: object) -> Fact:
    """A supplier is asked to ship a line, for 30 a piece unless the story says otherwise."""
    values = {
        "event_key": f"{order_id}-DF-{sku}-{when:%d%H%M}", "sku": sku, "quantity": 2,
        "supplier_id": "SUP2", "unit_price_amount": 30, "currency_code": "CNY",
        "warehouse_id": None, "source": "supplier", "channel": "supplier",
    }  # fmt: skip
    return step(order_id, "supplier_notified", when, **{**values, **given})


def shipped(order_id: str, when: datetime, sku: str = "SKU1", /, **given: object) -> Fact:
    values = {
        "event_key": f"{order_id}-FH-{sku}-{when:%d%H%M}", "sku": sku, "quantity": 2,
        "supplier_id": "SUP2", "unit_price_amount": 30, "currency_code": "CNY", "carrier": "sf",
        "tracking_number": f"SF{order_id[3:]}{when:%d%H}", "warehouse_id": None,
        "source": "supplier", "channel": "supplier",
    }  # fmt: skip
    return step(order_id, "supplier_shipped", when, **{**values, **given})


def approved(order_id: str, when: datetime) -> Fact:
    return step(
        order_id, "ship_approved", when, supplier_id="SUP2", warehouse_id=None, source="supplier",
        channel="supplier",
    )  # fmt: skip


def _sold(order_id: str, when: datetime, **given: object) -> list[Fact]:
    return [
        order(order_id, when, **given), line(order_id), paid(order_id, when),
        billed(order_id, when),
    ]  # fmt: skip


def _in_two_parcels() -> list[Fact]:
    """Told of two lines; too many of one do not make up for the other."""
    two, t = "tb-500", TOLD
    return [
        *_sold(two, t),
        line(two, 2, sku="SKU2", quantity=1, unit_price_amount=20, discount_amount=20),
        told(two, t + HOUR), told(two, t + HOUR, "SKU2", quantity=1, unit_price_amount=10),
        approved(two, t + HOUR * 2),
        shipped(two, t + HOUR * 5),
        shipped(two, t + HOUR * 9, "SKU2", quantity=1, unit_price_amount=10),
    ]  # fmt: skip


def _late_and_switched() -> list[Fact]:
    """Nobody ships; purchasing gives it to another supplier, who does."""
    late, still, t = "tb-501", "tb-502", TOLD
    return [
        *_sold(late, t), told(late, t + HOUR),
        decided(late, "chase_supplier", t + HOUR * 37, queue_code="Q20"),
        decided(late, "switch_supplier", t + HOUR * 40, queue_code="Q20"),
        told(late, t + HOUR * 41, supplier_id="SUP3"),
        step(late, "ship_approved", t + HOUR * 42, warehouse_id=None),
        shipped(late, t + HOUR * 50, supplier_id="SUP3"),
        *_sold(still, t), told(still, t + HOUR * 3),
    ]  # fmt: skip


def _not_as_agreed() -> list[Fact]:
    over, early, dear, t = "tb-503", "tb-504", "tb-505", TOLD
    return [
        *_sold(over, t), told(over, t + HOUR), approved(over, t + HOUR * 2),
        shipped(over, t + HOUR * 5, quantity=3),
        decided(over, "approve_exception", t + DAY * 2, queue_code="Q20"),
        *_sold(early, t), told(early, t + HOUR), shipped(early, t + HOUR * 5),
        approved(early, t + HOUR * 8),
        *_sold(dear, t), told(dear, t + HOUR), approved(dear, t + HOUR * 2),
        shipped(dear, t + HOUR * 5, unit_price_amount=33),
    ]  # fmt: skip


def _in_a_campaign() -> list[Fact]:
    watched, t = "tb-506", IN_CAMPAIGN
    return [*_sold(watched, t), told(watched, t + HOUR)]


def _returned_and_made_good() -> list[Fact]:
    """One of two pieces comes back, and the supplier bears 6 of 10 of what the buyer gets."""
    back, t = "tb-507", TOLD
    return [
        *_sold(back, t), told(back, t + HOUR), approved(back, t + HOUR * 2),
        shipped(back, t + HOUR * 5),
        case(back, "requested", t + DAY * 3, case_kind="return", sku="SKU1", quantity=1, amount=50),
        case(back, "approved", t + DAY * 3.1, case_kind="return", sku="SKU1", quantity=1),
        case(back, "compensation_agreed", t + DAY * 3.2, sku="SKU1", amount=10, supplier_amount=6,
             ecom_amount=3, platform_amount=1, currency_code="CNY"),
        case(back, "return_received", t + DAY * 6, case_kind="return", sku="SKU1", quantity=1),
    ]  # fmt: skip


def owed(order_id: str, when: datetime, sku: str = "SKU1") -> str:
    """What a delivery line is called in statements."""
    return f"shipment|{order_id}-FH-{sku}-{when:%d%H%M}"


def drafted(
    statement: str, when: datetime, *lines: tuple[str, str, float], supplier: str = "SUP2"
) -> list[Fact]:
    decision = f"{statement}-draft-{when:%d%H%M}"
    return [
        *[
            ("statement_lines", {
                "statement_line_id": f"{decision}|{line_id}", "decision_id": decision,
                "statement_id": statement, "drafted_at": when, "supplier_id": supplier,
                "currency_code": "CNY", "line_id": line_id, "line_kind": kind, "amount": amount,
                "source": "ledger",
            })
            for line_id, kind, amount in lines
        ],
        stepped(statement, "statement_draft", when, decision_id=decision),
    ]  # fmt: skip


def stepped(statement: str, verb: str, when: datetime, **given: object) -> Fact:
    return decided(
        statement, verb, when,
        **{"entity_type": "statement", "order_id": None, "queue_code": "Q34", **given},
    )  # fmt: skip


def _statements() -> list[Fact]:
    """One paid, one rejected and drafted again without a line, one that waits."""
    t, at5 = TOLD + DAY * 10, TOLD + HOUR * 5
    two = (owed("tb-500", at5), "shipment", 60.0), (owed("tb-500", TOLD + HOUR * 9, "SKU2"),
                                                    "shipment", 10.0)  # fmt: skip
    back = ("return|tb-507-C", "return", -30.0), ("compensation|tb-507-C", "compensation", -6.0)
    over, dear = (owed("tb-503", at5), "shipment", 90.0), (owed("tb-505", at5), "shipment", 66.0)
    return [
        *drafted("st-1", t, *two, *back),
        stepped("st-1", "statement_submit", t + HOUR),
        stepped("st-1", "statement_approve", t + HOUR * 3, actor_id="zhao"),
        stepped("st-1", "statement_pay", t + DAY * 5),
        *drafted("st-2", t, over, dear),
        stepped("st-2", "statement_submit", t + HOUR),
        stepped("st-2", "statement_reject", t + HOUR * 2, actor_id="zhao",
                reason_code="lines_wrong"),
        *drafted("st-2", t + DAY, over),
        *drafted("st-3", t + DAY * 2, dear),
        stepped("st-3", "statement_submit", t + DAY * 2 + HOUR),
    ]  # fmt: skip


def _stated_by_the_supplier() -> list[Fact]:
    """The supplier asks for too much, for something twice, and for something nobody knows."""
    at5, month = TOLD + HOUR * 5, at("2026-03-31 16:00")

    def stated(number: int, line_id: str, amount: float) -> Fact:
        kind, _, reference = line_id.partition("|")
        return "supplier_statements", {
            "supplier_line_id": f"SUP2-202603-{number}", "supplier_statement_id": "SUP2-202603",
            "supplier_id": "SUP2", "stated_at": month + DAY * 2, "line_kind": kind,
            "period_from_at": at("2026-02-28 16:00"), "period_until_at": month,
            "line_reference": reference, "amount": amount, "currency_code": "CNY",
            "source": "supplier", "shop_id": "tb",
        }  # fmt: skip

    return [
        stated(1, owed("tb-500", at5), 60), stated(2, owed("tb-500", TOLD + HOUR * 9, "SKU2"), 12),
        stated(3, owed("tb-503", at5), 90), stated(4, owed("tb-504", at5), 60),
        stated(5, owed("tb-504", at5), 60), stated(6, "return|tb-507-C", -30),
        stated(7, "shipment|unknown", 44), stated(8, owed("tb-505", at5), 66),
        stated(9, owed("tb-507", at5), 60),
    ]  # fmt: skip


def by_suppliers() -> list[Fact]:
    return [
        *_in_two_parcels(), *_late_and_switched(), *_not_as_agreed(), *_in_a_campaign(),
        *_returned_and_made_good(), *_statements(), *_stated_by_the_supplier(),
    ]  # fmt: skip
