"""Signs requests as each system's documentation says, with code that is not the house's."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from urllib.parse import urlencode

SECRET = "whsec_test"
NOW = datetime(2026, 11, 20, 8)


def seconds(moment: datetime) -> int:
    return int(moment.replace(tzinfo=UTC).timestamp())


def _mac(data: bytes, secret: str) -> bytes:
    return hmac.new(secret.encode(), data, hashlib.sha256).digest()


def _timed(body: bytes, secret: str, at: datetime) -> str:
    stamp = seconds(at)
    return f"t={stamp},v1={_mac(f'{stamp}.'.encode() + body, secret).hex()}"


def signed(
    source: str, body: bytes, secret: str = SECRET, at: datetime = NOW
) -> tuple[dict[str, str], bytes]:
    """Headers and body of a request as `source` would send `body`."""
    kind = {"content-type": "application/json"}
    if source == "kuaidi100":
        sign = hashlib.md5(body + secret.encode()).hexdigest().upper()
        form = urlencode({"sign": sign, "param": body.decode()})
        return {"content-type": "application/x-www-form-urlencoded"}, form.encode()
    if source == "track17":
        text = body + b"/" + secret.encode()
        return kind | {"sign": hashlib.sha256(text).hexdigest()}, body
    if source == "stripe":
        return kind | {"stripe-signature": _timed(body, secret, at)}, body
    header = {
        "shopify": "x-shopify-hmac-sha256",
        "woocommerce": "x-wc-webhook-signature",
        "aftership": "aftership-hmac-sha256",
    }.get(source)
    if header:
        return kind | {header: base64.b64encode(_mac(body, secret)).decode()}, body
    return kind | {"x-orderhouse-signature": _timed(body, secret, at)}, body


def shopify_order(number: int, updated_at: str = "2026-11-19T07:59:00Z", total: str = "12.50"):
    """An order as the shop's documentation shows it, as small as the mapping allows."""
    return {
        "id": number, "created_at": "2026-11-01T10:00:00Z", "updated_at": updated_at,
        "currency": "USD", "total_price": total, "total_line_items_price": total,
        "total_discounts": "0.00", "total_tax": "0.00", "financial_status": "paid",
        "fulfillment_status": None, "gateway": "manual", "test": False,
        "customer": {"id": 77, "first_name": "A", "last_name": "B"},
        "line_items": [
            {"id": number * 10, "sku": "SKU1", "name": "Cup", "quantity": 1, "price": total,
             "tax_lines": [], "discount_allocations": []}
        ],
        "shipping_lines": [], "refunds": [], "fulfillments": [],
    }  # fmt: skip


def news(source: str, number: int = 1) -> bytes:
    """A body of each source that its mapping makes records of."""
    bodies = {
        "shopify": shopify_order(number),
        "woocommerce": {
            "id": number, "parent_id": 0, "status": "processing", "currency": "EUR",
            "date_created": "2026-11-01T10:00:00", "date_created_gmt": "2026-11-01T10:00:00",
            "date_modified_gmt": "2026-11-19T07:00:00", "date_paid_gmt": None, "total": "12.50",
            "discount_total": "0.00", "shipping_total": "0.00", "total_tax": "0.00",
            "customer_id": 5, "payment_method": "cod", "billing": {}, "shipping": {},
            "line_items": [
                {"id": number * 10, "name": "Cup", "sku": "SKU1", "quantity": 1, "price": 12.5,
                 "subtotal": "12.50", "total": "12.50", "total_tax": "0.00"}
            ],
            "fee_lines": [], "shipping_lines": [], "refunds": [], "meta_data": [],
        },
        "stripe": {
            "id": f"evt_{number}", "object": "event", "api_version": "2026-09-30",
            "created": 1795060000, "type": "payout.paid",
            "data": {"object": {
                "id": f"po_{number}", "object": "payout", "amount": 1250, "currency": "eur",
                "arrival_date": 1795050000, "created": 1795040000, "status": "paid",
                "method": "standard", "type": "bank_account", "automatic": True}},
        },
        "track17": {
            "event": "TRACKING_UPDATED",
            "data": {"number": f"RR{number}CN", "track_info": {"tracking": {"providers": [
                {"provider": {"key": 3011, "alias": "china-post"},
                 "events": [{"time_utc": "2026-11-19T08:00:00Z", "stage": "InTransit",
                             "sub_status": "InTransit_Other", "description": "Left"}]}]}}},
        },
        "kuaidi100": {
            "status": "polling", "message": "", "lastResult": {
                "message": "ok", "nu": f"SF{number}", "com": "shunfeng", "state": "0",
                "data": [{"context": "已揽收", "time": "2026-11-19 08:00:00",
                          "ftime": "2026-11-19 08:00:00", "status": "揽收"}]},
        },
        "aftership": {
            "event": "tracking_update",
            "msg": {"id": f"a{number}", "tracking_number": f"1Z{number}", "slug": "ups",
                    "checkpoints": [{"created_at": "2026-11-19T08:00:00Z", "tag": "InTransit",
                                     "subtag": "InTransit_001", "message": "Left",
                                     "checkpoint_time": "2026-11-19T08:00:00Z"}]},
        },
    }  # fmt: skip
    return json.dumps(bodies[source], ensure_ascii=False).encode()


RECORDS = {
    "shopify": "orders", "woocommerce": "orders", "stripe": "payouts",
    "track17": "tracking_events", "kuaidi100": "tracking_events", "aftership": "tracking_events",
}  # fmt: skip
