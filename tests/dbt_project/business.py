"""A business of a few orders in which nearly everything happens once: the facts of the properties.

Each function tells the story of one order as facts (stream, values); `FACTS` is all of them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.dbt_project.worlds import at

Fact = tuple[str, dict[str, Any]]
DAY = timedelta(days=1)
START = at("2026-03-02 02:00")


def order(order_id: str, placed_at: datetime, /, **given: Any) -> Fact:
    """An order with every mandatory field; `given` changes or removes what the story needs."""
    values = {
        "order_id": order_id, "channel_order_id": order_id.split("-", 1)[1],
        "placed_at": placed_at, "status_raw": "等待买家付款", "payment_method": "online",
        "currency_code": "CNY", "payable_amount": 100, "buyer_id": f"buyer-{order_id}",
        "buyer_name": "王伟", "buyer_phone": f"138{order_id}", "ship_address": f"road {order_id}",
        "buyer_phone_masked": "138****1234",
    }  # fmt: skip
    return "orders", {**values, **given}


def line(order_id: str, number: int = 1, /, **given: Any) -> Fact:
    values = {
        "line_id": f"{order_id}-l{number}", "order_id": order_id, "line_number": number,
        "sku": f"SKU{number}", "quantity": 2, "unit_price_amount": 50, "currency_code": "CNY",
        "observed_at": START,
    }  # fmt: skip
    return "order_lines", {**values, **given}


def paid(order_id: str, when: datetime, amount: float = 100, /, **given: Any) -> Fact:
    native = order_id.split("-", 1)[1]
    values = {
        "payment_id": f"{order_id}-pay", "order_id": order_id, "payment_kind": "capture",
        "payment_status": "succeeded", "paid_at": when, "amount": amount, "currency_code": "CNY",
        "payment_method": "online", "provider": "alipay", "merchant_payment_id": f"T200P{native}",
    }  # fmt: skip
    return "payments", {**values, **given}


def billed(order_id: str, when: datetime, amount: float = 100, /, **given: Any) -> Fact:
    native = order_id.split("-", 1)[1]
    values = {
        "settlement_line_id": f"bill-{order_id}", "provider": "alipay", "line_kind": "payment",
        "posted_at": when, "merchant_payment_id": f"T200P{native}", "gross_amount": amount,
        "currency_code": "CNY", "source": "alipay", "shop_id": "tb",
    }  # fmt: skip
    return "settlement_lines", {**values, **given}


def step(order_id: str, code: str, when: datetime, /, **given: Any) -> Fact:
    values = {
        "event_key": f"{order_id}-{code}-{when:%d%H%M}", "order_id": order_id, "event_code": code,
        "event_at": when, "warehouse_id": "WH1", "source": "wms", "channel": "wms",
    }  # fmt: skip
    return "fulfilment_events", {**values, **given}


def scan(tracking_number: str, code: str, when: datetime) -> Fact:
    return "tracking_events", {
        "carrier": "sf", "tracking_number": tracking_number, "event_at": when, "code_raw": code,
        "place": "深圳", "source": "sf_express", "shop_id": "tb",
    }  # fmt: skip


def contact(order_id: str, kind: str, when: datetime, /, **given: Any) -> Fact:
    values = {
        "contact_id": f"{order_id}-{kind}-{when:%d%H%M}", "order_id": order_id,
        "contact_kind": kind, "event_at": when, "source": "service_desk",
    }  # fmt: skip
    return "contacts", {**values, **given}


def case(order_id: str, code: str, when: datetime, /, **given: Any) -> Fact:
    values = {
        "case_id": f"{order_id}-C", "order_id": order_id, "case_step": code, "event_at": when,
        "source": "service_desk", "channel": "service_desk",
    }  # fmt: skip
    return "after_sales", {**values, **given}


def came_back(order_id: str, when: datetime, /, **given: Any) -> Fact:
    values = {
        "return_receipt_id": f"rr-{order_id}", "order_id": order_id, "received_at": when,
        "sku": "SKU1", "warehouse_id": "WH1", "source": "wms", "channel": "wms", "shop_id": "tb",
    }  # fmt: skip
    return "return_receipts", {**values, **given}


def decided(order_id: str, verb: str, when: datetime, /, **given: Any) -> Fact:
    values = {
        "decision_id": f"{order_id}-{verb}-{when:%d%H%M}", "verb": verb, "decided_at": when,
        "entity_type": "order", "entity_id": order_id, "order_id": order_id, "actor_id": "li",
        "source": "ledger",
    }  # fmt: skip
    return "decisions", {**values, **given}


def moved(sku: str, kind: str, quantity: int, when: datetime, number: str) -> Fact:
    return "stock_movements", {
        "movement_id": number, "sku": sku, "warehouse_id": "WH1", "movement_type": kind,
        "quantity": quantity, "moved_at": when, "source": "wms", "shop_id": "tb",
    }  # fmt: skip


def _delivered_and_returned() -> list[Fact]:
    one, t = "tb-1", START
    return [
        order(one, t, observed_at=t),
        order(one, t, status_raw="交易成功", completed_at=t + 6 * DAY, observed_at=t + 6 * DAY),
        line(one), paid(one, t + DAY / 24), billed(one, t + DAY / 24),
        ("shipments", {"shipment_id": "tb-1-SF1", "order_id": one, "carrier": "sf",
                       "tracking_number": "SF1", "observed_at": t + DAY}),
        step(one, "released", t + DAY / 2), step(one, "packed", t + DAY * 0.6),
        step(one, "handed_over", t + DAY, carrier="sf", tracking_number="SF1"),
        scan("SF1", "50", t + DAY * 1.1), scan("SF1", "33", t + DAY * 2),
        contact(one, "carrier_contacted", t + DAY * 2.1, tracking_number="SF1"),
        contact(one, "customer_contacted", t + DAY * 2.2, tracking_number="SF1"),
        scan("SF1", "44", t + DAY * 2.5), scan("SF1", "80", t + DAY * 2.8),
        scan("SF1", "8000", t + DAY * 2.81),
        contact(one, "not_received", t + DAY * 3),
        contact(one, "not_received_resolved", t + DAY * 4, outcome="found"),
        *[
            ("after_sales", {"case_id": "tb-C1", "order_id": one, "case_kind": "return",
                             "case_step": name, "event_at": t + DAY * (7 + n), "sku": "SKU1",
                             "quantity": 1})
            for n, name in enumerate(("requested", "approved", "return_received", "qc_passed"))
        ],
        ("refunds", {"refund_id": "tb-R1", "case_id": "tb-C1", "refund_status": "succeeded",
                     "refunded_at": t + DAY * 11, "amount": 50, "currency_code": "CNY",
                     "refund_kind": "return", "shop_id": "tb", "source": "service_desk"}),
    ]  # fmt: skip


def _in_two_parcels() -> list[Fact]:
    two, t = "shopify-2", START + DAY
    return [
        order(two, t, payable_amount=None, shipping_amount=8),
        line(two), line(two, 2, sku="SKU2", quantity=1, unit_price_amount=20, discount_amount=3),
        paid(two, t + DAY / 24, 125, provider="shopify_payments", merchant_payment_id=None),
        *[
            ("shipments", {"shipment_id": f"shopify-f{n}", "order_id": two, "carrier": "sf",
                           "tracking_number": f"SF2{n}", "shipped_at": t + DAY * n})
            for n in (1, 2)
        ],
        ("shipment_lines", {"shipment_id": "shopify-f1", "line_id": f"{two}-l1",
                            "order_id": two, "quantity": 2}),
        ("shipment_lines", {"shipment_id": "shopify-f2", "line_id": f"{two}-l2",
                            "order_id": two, "quantity": 1}),
        # The warehouse saw the first parcel leave a little earlier: it is the same parcel.
        step(two, "handed_over", t + DAY * 0.99, carrier="sf", tracking_number="SF21"),
        scan("SF21", "50", t + DAY * 1.2), scan("SF21", "??", t + DAY * 1.3),
        step(two, "hold_applied", t + DAY * 1.4, reason="stock"),
        step(two, "hold_released", t + DAY * 1.9),
    ]  # fmt: skip


def _waiting_for_review() -> list[Fact]:
    """Two buyers: one bought far too much, one cancels often. A pass is taken back once."""
    many, habit, t = "tb-3", "tb-7", START + DAY * 2
    cancelled = [
        order(f"tb-{n}", t + DAY * (n - 4), buyer_id="fickle",
              cancelled_at=t + DAY * (n - 4) + DAY / 12, status_raw="交易关闭")
        for n in (4, 5, 6)
    ]  # fmt: skip
    undone = decided(many, "review_pass", t + DAY * 0.2)
    return [
        order(many, t), line(many, quantity=60, unit_price_amount=1), paid(many, t + DAY / 24),
        decided(many, "review_hold", t + DAY * 0.1),
        decided(many, "release_hold", t + DAY * 0.15),
        undone,
        decided(many, "undo", t + DAY * 0.21, undoes_decision_id=undone[1]["decision_id"]),
        *cancelled,
        order(habit, t + DAY * 4, buyer_id="fickle"), line(habit), paid(habit, t + DAY * 4.1),
        decided(habit, "review_pass", t + DAY * 4.2),
    ]  # fmt: skip


def _money_gone_wrong() -> list[Fact]:
    twice, short, other, t = "tb-8", "tb-9", "tb-10", START + DAY * 3
    return [
        order(twice, t), line(twice), paid(twice, t + DAY / 24), billed(twice, t + DAY / 24),
        billed(twice, t + DAY / 12, settlement_line_id="bill-again"),
        order(short, t), line(short),
        # First booked on the wrong order: a later version of the payment says whose it is.
        paid(other, t + DAY / 20, 90, payment_id="tb-9-pay", merchant_payment_id="T200P9"),
        paid(short, t + DAY / 20, 90, observed_at=t + DAY),
        order(other, t, cancelled_at=t + DAY * 2), line(other, sku=None),
        ("payments", {"payment_id": "tb-10-fail", "order_id": other, "payment_kind": "capture",
                      "payment_status": "failed", "paid_at": t + DAY / 24, "amount": 100}),
    ]  # fmt: skip


def _without_an_order() -> list[Fact]:
    t = START + DAY * 4
    return [
        step("tb-404", "handed_over", t, carrier="sf", tracking_number="SF404", quantity=1),
        scan("SF404", "50", t + DAY / 10),
        billed("tb-404", t - DAY / 2, order_id="tb-404"),
    ]  # fmt: skip


def _quiet_ones() -> list[Fact]:
    unpaid, cod, test, old, t = "tb-11", "shopify-12", "tb-13", "online_retail-14", START + DAY * 5
    return [
        order(unpaid, t), line(unpaid),
        order(cod, t, payment_method="cod"), line(cod, quantity=1),
        ("payments", {"payment_id": "cod-12", "order_id": cod, "payment_kind": "cod_collected",
                      "payment_status": "succeeded", "paid_at": t + DAY * 4, "amount": 100}),
        ("shipments", {"shipment_id": "shopify-f12", "order_id": cod, "carrier": "sf",
                       "tracking_number": "SF12", "shipped_at": t + DAY,
                       "delivered_at": t + DAY * 3}),
        # A source that names no moment: it happened when the order says.
        ("payments", {"payment_id": "old-15", "order_id": "olist-15", "payment_kind": "capture",
                      "payment_status": "succeeded", "amount": 100, "currency_code": "BRL",
                      "observed_at": t}),
        order("olist-15", t, paid_at=t + DAY / 8, currency_code="BRL"), line("olist-15"),
        ("channel_status", {"order_id": cod, "seen_at": t + DAY, "status_raw": "open"}),
        order(test, t, is_test=True), line(test),
        order(old, t, buyer_id=None, payment_method=None, payable_amount=None), line(old),
        contact(unpaid, "buyer_urged", t + DAY / 10),
    ]  # fmt: skip


def _after_sales() -> list[Fact]:
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


def _shared() -> list[Fact]:
    """Two orders on one waybill and in one payment; what names only those goes to one of them."""
    a, b, t = "tb-16", "tb-17", START + DAY * 3
    together = {"merchant_payment_id": "T200P1617"}
    return [
        order(a, t), line(a), paid(a, t + DAY / 24, **together),
        order(b, t), line(b), paid(b, t + DAY / 24, **together),
        billed(a, t + DAY / 24, 200, **together),
        step(a, "handed_over", t + DAY, carrier="sf", tracking_number="SF16"),
        step(b, "handed_over", t + DAY, carrier="sf", tracking_number="SF16"),
        scan("SF16", "50", t + DAY * 1.1), scan("SF16", "80", t + DAY * 2),
        contact("-", "not_received", t + DAY * 3, order_id=None, tracking_number="SF16",
                carrier="sf"),
    ]  # fmt: skip


def _in_the_warehouse() -> list[Fact]:
    """One order is short at picking until somebody decides; one is accepted and forgotten."""
    short, stuck, t = "tb-30", "tb-31", START + DAY * 3
    return [
        order(short, t), line(short, sku="SKU30"), paid(short, t), billed(short, t),
        step(short, "released", t + DAY / 8), step(short, "wms_accepted", t + DAY / 6),
        step(short, "pick_started", t + DAY / 4),
        step(short, "pick_short", t + DAY / 3, sku="SKU30", quantity=1),
        step(short, "pick_short_resolved", t + DAY * 1.5, reason="delay"),
        order(stuck, t), line(stuck, sku="SKU30"), paid(stuck, t), billed(stuck, t),
        step(stuck, "released", t + DAY / 24), step(stuck, "wms_accepted", t + DAY / 24),
        step(stuck, "pick_started", t + DAY / 4), step(stuck, "pick_short", t + DAY / 3),
    ]  # fmt: skip


def _out_of_order() -> list[Fact]:
    """Shipped before it was paid, then twice more; one was justified, one answer taken back."""
    one, t = "tb-18", START + DAY * 6
    about = {"queue_code": "Q32", "entity_type": "deviation"}
    taken_back = decided(one, "justify", t + DAY * 3.2, **about, entity_id=f"SHIPPED_TWICE@{one}")
    return [
        order(one, t, observed_at=t), line(one), billed(one, t + DAY * 1.1),
        step(one, "handed_over", t + DAY, carrier="sf", tracking_number="SF18", quantity=2),
        paid(one, t + DAY * 1.1),
        step(one, "handed_over", t + DAY * 2, carrier="sf", tracking_number="SF18B", quantity=1),
        decided(one, "justify", t + DAY * 2.5, **about, entity_id=f"SHIPPED_TWICE@{one}"),
        step(one, "handed_over", t + DAY * 3, carrier="sf", tracking_number="SF18C", quantity=1),
        taken_back,
        decided(one, "undo", t + DAY * 3.21, undoes_decision_id=taken_back[1]["decision_id"]),
        *[scan(number, "80", t + DAY * 3.5) for number in ("SF18", "SF18B", "SF18C")],
    ]  # fmt: skip


def _stock() -> list[Fact]:
    facts = [
        moved("SKU1", "opening", 10, START - DAY, "m1"),
        moved("SKU1", "ship", -2, START + DAY, "m2"),
        moved("SKU1", "return_damaged", 1, START + DAY * 9, "m3"),
        moved("SKU1", "freeze", 2, START + DAY * 9, "m4"),
        moved("SKU2", "opening", 1, START - DAY, "m5"),
    ]
    counts = ((2, 8), (4, 9), (6, 8), (8, 5))
    for day, quantity in counts:
        facts.append(
            ("stock_snapshots", {"sku": "SKU1", "warehouse_id": "WH1", "source": "wms",
                                 "taken_at": START + DAY * day, "on_hand_quantity": quantity,
                                 "shop_id": "tb"})
        )  # fmt: skip
    facts.append(("products", {"sku": "SKU1", "product_name": "cup", "listed_at": START}))
    return facts


FACTS: list[Fact] = [
    *_delivered_and_returned(), *_in_two_parcels(), *_waiting_for_review(), *_money_gone_wrong(),
    *_without_an_order(), *_quiet_ones(), *_shared(), *_stock(), *_after_sales(),
    *_in_the_warehouse(),
    *_out_of_order(),
]  # fmt: skip
