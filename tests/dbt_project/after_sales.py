"""After-sales of that business: cases, goods that come back, refunds gone wrong."""

from __future__ import annotations

from tests.dbt_project.facts import (
    DAY,
    START,
    Fact,
    billed,
    came_back,
    case,
    contact,
    line,
    order,
    paid,
    refunded,
    scan,
    step,
)


def after_sales() -> list[Fact]:
    """Cases of every kind: pauses, goods late or wrong, a split, a ruling, a refund tried again."""
    t = START + DAY * 2
    facts: list[Fact] = []
    for number in range(20, 24):
        name = f"tb-{number}"
        facts += [
            order(name, t), line(name), paid(name, t + DAY / 24),
            step(name, "handed_over", t + DAY, carrier="sf", tracking_number=f"SFA{number}"),
            scan(f"SFA{number}", "50", t + DAY * 1.1), scan(f"SFA{number}", "80", t + DAY * 2),
        ]  # fmt: skip
    return [
        *facts,
        # An exchange: the customer was asked for photos, twice; one of two pieces passed.
        case("tb-20", "requested", t + DAY * 3, case_kind="exchange", sku="SKU1", quantity=2),
        case("tb-20", "evidence_requested", t + DAY * 3.25),
        case("tb-20", "evidence_received", t + DAY * 4.25),
        case("tb-20", "evidence_requested", t + DAY * 4.5, attempt_number=2),
        case("tb-20", "evidence_received", t + DAY * 5, attempt_number=2),
        case("tb-20", "approved", t + DAY * 5.25),
        case("tb-20", "return_shipped", t + DAY * 6, return_tracking_number="RT20"),
        came_back("tb-20", t + DAY * 8, order_id=None, tracking_number="RT20", quantity=2,
                  inspected_at=t + DAY * 9, passed_quantity=1, failed_quantity=1,
                  disposition="return_to_customer"),
        case("tb-20", "exchange_shipped", t + DAY * 10),
        # Goods stood there before anybody asked; then something else came.
        came_back("tb-21", t + DAY * 3, quantity=1),
        case("tb-21", "requested", t + DAY * 4, case_kind="return", sku="SKU1", amount=50),
        case("tb-21", "approved", t + DAY * 4.5),
        came_back("tb-21", t + DAY * 6, sku="SKU9", return_receipt_id="rr-wrong", quantity=1),
        ("refunds", {"refund_id": "tb-R21", "order_id": "tb-21", "refund_status": "succeeded",
                     "refunded_at": t + DAY * 6.5, "amount": 50, "currency_code": "CNY",
                     "refund_kind": "return", "quantity": 1}),
        # The platform takes over, compensation is split, and the ruling ends the case.
        case("tb-22", "requested", t + DAY * 3, case_kind="refund", amount=100),
        case("tb-22", "compensation_agreed", t + DAY * 3.5, amount=30, supplier_amount=20,
             platform_amount=4, currency_code="CNY"),
        case("tb-22", "platform_intervened", t + DAY * 4),
        ("refunds", {"refund_id": "tb-K22", "case_id": "tb-22-C", "refund_status": "succeeded",
                     "refunded_at": t + DAY * 4.2, "amount": 30, "currency_code": "CNY",
                     "refund_kind": "compensation"}),
        case("tb-22", "arbitrated", t + DAY * 5, liable_party="seller"),
        # Nobody knows whose this is.
        came_back("tb-0", t + DAY * 5, order_id=None, tracking_number="RT404", quantity=1),
        # A refund that failed twice, with a wait for the account.
        *[
            ("refunds", {"refund_id": "tb-R23", "order_id": "tb-23", "refund_status": status,
                         "attempt_number": attempt, "refunded_at": t + DAY * day, "amount": 100,
                         "currency_code": "CNY", "refund_kind": "cancel"})
            for status, attempt, day in (
                ("requested", 1, 0.2), ("approved", 1, 0.3), ("sent", 1, 0.4), ("failed", 1, 0.5),
                ("account_asked", 1, 0.75), ("account_given", 1, 1.75), ("sent", 2, 2),
                ("failed", 2, 2.5), ("sent", 3, 4.5), ("succeeded", 1, 5),
            )
        ],
    ]  # fmt: skip


def complaints() -> list[Fact]:
    """One answered late, one raised to a major one, one about no order, one nobody numbers."""
    late, raised, unnumbered, t = "tb-50", "tb-51", "tb-52", START + DAY * 2
    facts: list[Fact] = []
    for name in (late, raised, unnumbered):
        facts += [order(name, t), line(name), paid(name, t + DAY / 24)]
    return [
        *facts,
        contact(late, "complaint", t + DAY, complaint_id="P50"),
        # The answer names the complaint and not the order.
        contact("tb-", "complaint_answered", t + DAY * 2.5, order_id=None, complaint_id="P50"),
        contact(late, "satisfaction_scored", t + DAY * 3, complaint_id="P50", score=4),
        contact(raised, "complaint", t + DAY, complaint_id="P51", level="normal"),
        contact(raised, "complaint_escalated", t + DAY * 1.5, complaint_id="P51", level="major"),
        contact(raised, "complaint_answered", t + DAY * 1.6, complaint_id="P51"),
        contact(raised, "complaint_planned", t + DAY * 2, complaint_id="P51"),
        contact("-", "complaint", t + DAY, order_id=None, complaint_id="P0", level="major"),
        contact("-", "complaint_answered", t + DAY * 1.1, order_id=None, complaint_id="P0"),
        contact(unnumbered, "complaint", t + DAY),
        contact(unnumbered, "complaint_resolved", t + DAY * 1.25),
    ]


def refunds_gone_wrong() -> list[Fact]:
    """Too much and paid again; twice for one case; on its way; before leaving; without a case."""
    t = START + DAY * 2
    over, twice, regretted, moving, unasked, pieces = (f"tb-{n}" for n in range(40, 46))
    facts: list[Fact] = []
    for name in (over, twice, regretted, moving, unasked, pieces):
        facts += [
            order(name, t), line(name), paid(name, t + DAY / 24),
            step(name, "handed_over", t + DAY, carrier="sf", tracking_number=f"SF{name}"),
            scan(f"SF{name}", "50", t + DAY * 1.1),
        ]  # fmt: skip
    for name in (over, twice, unasked, pieces):
        facts.append(scan(f"SF{name}", "80", t + DAY * 2))
    return [
        *facts,
        refunded(over, "R1", t + DAY * 3, 60), refunded(over, "R2", t + DAY * 4, 60),
        paid(over, t + DAY * 6, 20, payment_id="tb-40-back", merchant_payment_id="T200P40B"),
        # The provider bills that day for others too, so it bills this as well.
        billed(over, t + DAY * 6, 20, settlement_line_id="bill-tb-40-back",
               merchant_payment_id="T200P40B"),
        case(twice, "requested", t + DAY * 2.5, case_kind="return", sku="SKU1", amount=50),
        case(twice, "approved", t + DAY * 2.75),
        refunded(twice, "R1", t + DAY * 3, 50, refund_kind="return", case_id="tb-41-C"),
        refunded(twice, "R2", t + DAY * 4, 50, refund_kind="return", case_id="tb-41-C"),
        refunded(regretted, "R1", t + DAY * 0.9, 100, refund_kind="cancel"),
        scan(f"SF{regretted}", "648", t + DAY * 3),
        refunded(moving, "R1", t + DAY * 1.5, 100, refund_kind="cancel"),
        scan(f"SF{moving}", "80", t + DAY * 3),
        refunded(unasked, "R1", t + DAY * 4, 50, refund_kind="return"),
        case(unasked, "requested", t + DAY * 5, case_kind="return", sku="SKU1", amount=50),
        came_back(unasked, t + DAY * 6, quantity=1),
        # The channel gives one line back piece by piece, and takes the goods in.
        *[
            refunded(pieces, f"R{n}", t + DAY * n, 50, refund_kind="return", quantity=1,
                     line_id="tb-45-l1", is_restocked=True)
            for n in (3, 4)
        ],
    ]  # fmt: skip
