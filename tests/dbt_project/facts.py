"""Facts as the streams state them: one function a stream, with the usual values filled in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.dbt_project.worlds import at

Fact = tuple[str, dict[str, Any]]
DAY = timedelta(days=1)
START = at("2026-03-02 02:00")
MOMENT = START + DAY * 9  # in the midst of it: what a build as of a moment is compared at


def order(order_id: str, placed_at: datetime, /, **given: Any) -> Fact:
    """An order with every mandatory field; `given` changes or removes what the story needs."""
    values = {
        "order_id": order_id, "channel_order_id": order_id.split("-", 1)[1],
        "placed_at": placed_at, "status_raw": "等待买家付款", "payment_method": "online",
        "currency_code": "CNY", "payable_amount": 100, "buyer_id": f"buyer-{order_id}",
        "buyer_name": "王伟", "buyer_phone": f"138{order_id}", "ship_address": f"road {order_id}",
        "buyer_phone_masked": "138****1234", "ship_method": "express",
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
        "fee_amount": round(amount * 0.006, 2), "currency_code": "CNY", "source": "alipay",
        "shop_id": "tb",
    }  # fmt: skip
    return "settlement_lines", {**values, **given}


def step(order_id: str, code: str, when: datetime, /, **given: Any) -> Fact:
    values = {
        "event_key": f"{order_id}-{code}-{when:%d%H%M}", "order_id": order_id, "event_code": code,
        "event_at": when, "warehouse_id": "WH1", "source": "wms", "channel": "wms",
    }  # fmt: skip
    return "fulfilment_events", {**values, **given}


def scan(tracking_number: str, code: str, when: datetime, /, **given: Any) -> Fact:
    values = {
        "carrier": "sf", "tracking_number": tracking_number, "event_at": when, "code_raw": code,
        "place": "深圳", "source": "sf_express", "shop_id": "tb",
    }  # fmt: skip
    return "tracking_events", {**values, **given}


def shown(order_id: str, status: str, when: datetime, /, **given: Any) -> Fact:
    """The channel shows this since then."""
    values = {
        "status_id": f"{order_id}-{status}-{when:%d%H%M}", "order_id": order_id,
        "status_raw": status, "seen_at": when,
    }  # fmt: skip
    return "channel_status", {**values, **given}


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


def moved(sku: str, kind: str, quantity: int, when: datetime, number: str, /, **given: Any) -> Fact:
    values = {
        "movement_id": number, "sku": sku, "warehouse_id": "WH1", "movement_type": kind,
        "quantity": quantity, "moved_at": when, "source": "wms", "shop_id": "tb",
    }  # fmt: skip
    return "stock_movements", {**values, **given}


def refunded(order_id: str, number: str, when: datetime, amount: float, /, **given: Any) -> Fact:
    values = {
        "refund_id": f"{order_id}-{number}", "order_id": order_id, "refund_status": "succeeded",
        "refunded_at": when, "amount": amount, "currency_code": "CNY", "refund_kind": "goodwill",
    }  # fmt: skip
    return "refunds", {**values, **given}
