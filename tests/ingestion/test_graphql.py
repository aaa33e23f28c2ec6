"""Shopify by GraphQL: the same order by REST, by webhook, by query and in bulk is one order."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.ingestion.conftest import Home

ADDRESS = {"name": "Ann Lee", "phone": "+14155550100", "address1": "1 Main St", "city": "Reno",
           "province": "Nevada"}  # fmt: skip
TIMES = {"created": "2026-11-01T10:00:00Z", "updated": "2026-11-03T09:00:00Z"}


def money(amount: str) -> dict[str, Any]:
    return {"shopMoney": {"amount": amount, "currencyCode": "USD"}}


def gid(kind: str, number: int) -> str:
    return f"gid://shopify/{kind}/{number}"


def rest() -> dict[str, Any]:
    """An order with two lines, paid, half of it sent and one piece given back."""
    return {
        "id": 450, "source_name": "pos", "created_at": TIMES["created"],
        "updated_at": TIMES["updated"],
        "processed_at": TIMES["created"], "currency": "USD", "total_price": "41.50",
        "total_line_items_price": "40.00", "total_discounts": "3.00", "total_tax": "2.50",
        "total_shipping_price_set": {"shop_money": {"amount": "2.00"}}, "test": False,
        "financial_status": "partially_refunded", "fulfillment_status": "partial",
        "payment_gateway_names": ["manual"], "note": "Leave at the door",
        "customer": {"id": 7, "first_name": "Ann", "last_name": "Lee"},
        "shipping_address": ADDRESS | {"country_code": "US"},
        "shipping_lines": [{"title": "Standard", "code": "std"}],
        "line_items": [
            {"id": 11, "sku": "A", "variant_id": 91, "name": "Pot", "quantity": 2, "price": "15.00",
             "total_discount": "3.00", "tax_lines": [{"price": "1.50"}], "vendor": "acme"},
            {"id": 12, "sku": "B", "variant_id": 92, "name": "Lid", "quantity": 1, "price": "10.00",
             "total_discount": "0.00", "tax_lines": [{"price": "1.00"}], "vendor": "acme"},
        ],
        "transactions": [
            {"id": 31, "kind": "sale", "status": "success", "gateway": "manual", "amount": "41.50",
             "currency": "USD", "processed_at": TIMES["created"]},
        ],
        "fulfillments": [
            {"id": 51, "status": "success", "created_at": "2026-11-02T10:00:00Z",
             "updated_at": "2026-11-02T10:00:00Z", "tracking_company": "UPS", "location_id": 61,
             "tracking_number": "1Z1", "line_items": [{"id": 11, "sku": "A", "quantity": 2}]},
        ],
        "refunds": [
            {"id": 71, "created_at": "2026-11-03T09:00:00Z", "note": "broken",
             "transactions": [{"id": 32, "status": "success", "amount": "15.75",
                               "gateway": "manual", "currency": "USD"}],
             "refund_line_items": [{"line_item_id": 11, "quantity": 1, "subtotal": "15.75",
                                    "restock_type": "no_restock"}]},
        ],
    }  # fmt: skip


def lines() -> list[dict[str, Any]]:
    return [
        {"id": gid("LineItem", 11), "sku": "A", "name": "Pot", "quantity": 2, "vendor": "acme",
         "variant": {"id": gid("ProductVariant", 91)}, "originalUnitPriceSet": money("15.0"),
         "totalDiscountSet": money("3.0"), "taxLines": [{"priceSet": money("1.5")}]},
        {"id": gid("LineItem", 12), "sku": "B", "name": "Lid", "quantity": 1, "vendor": "acme",
         "variant": {"id": gid("ProductVariant", 92)}, "originalUnitPriceSet": money("10.0"),
         "totalDiscountSet": money("0.0"), "taxLines": [{"priceSet": money("1.0")}]},
    ]  # fmt: skip


def listed(rows: list[dict[str, Any]], form: str) -> dict[str, Any]:
    if form == "nodes":
        return {"nodes": rows}
    return {"edges": [{"cursor": "x", "node": row} for row in rows]}


def graph(form: str) -> dict[str, Any]:
    """The same order; without its lines for `bulk`."""
    back = {
        "id": gid("Refund", 71), "createdAt": "2026-11-03T09:00:00Z", "note": "broken",
        "totalRefundedSet": money("15.75"),
        "transactions": listed([{"id": gid("OrderTransaction", 32), "status": "SUCCESS",
                                 "gateway": "manual", "amountSet": money("15.75")}], form),
        "refundLineItems": listed([{"lineItem": {"id": gid("LineItem", 11)}, "quantity": 1,
                                    "subtotalSet": money("15.75"), "restockType": "NO_RESTOCK"}],
                                  form),
    }  # fmt: skip
    parcel = {
        "id": gid("Fulfillment", 51), "status": "SUCCESS", "displayStatus": "IN_TRANSIT",
        "createdAt": "2026-11-02T10:00:00Z", "updatedAt": "2026-11-02T10:00:00Z",
        "trackingInfo": [{"company": "UPS", "number": "1Z1"}],
        "location": {"id": gid("Location", 61)},
        "fulfillmentLineItems": listed(
            [{"lineItem": {"id": gid("LineItem", 11), "sku": "A"}, "quantity": 2}], form),
    }  # fmt: skip
    order = {
        "id": gid("Order", 450), "name": "#1001", "sourceName": "pos",
        "createdAt": TIMES["created"],
        "updatedAt": TIMES["updated"], "processedAt": TIMES["created"], "currencyCode": "USD",
        "closedAt": None, "cancelledAt": None, "cancelReason": None, "test": False,
        "displayFinancialStatus": "PARTIALLY_REFUNDED", "note": "Leave at the door",
        "displayFulfillmentStatus": "PARTIALLY_FULFILLED", "paymentGatewayNames": ["manual"],
        "totalPriceSet": money("41.5"), "subtotalPriceSet": money("37.0"),
        "totalDiscountsSet": money("3.0"), "totalTaxSet": money("2.5"),
        "totalShippingPriceSet": money("2.0"),
        "customer": {"id": gid("Customer", 7), "firstName": "Ann", "lastName": "Lee"},
        "shippingAddress": ADDRESS | {"countryCodeV2": "US"},
        "shippingLine": {"title": "Standard", "code": "std"},
        "transactions": [{"id": gid("OrderTransaction", 31), "kind": "SALE", "status": "SUCCESS",
                          "gateway": "manual", "amountSet": money("41.5"),
                          "processedAt": TIMES["created"]}],
        "fulfillments": [parcel], "refunds": [back],
    }  # fmt: skip
    return order if form == "bulk" else order | {"lineItems": listed(lines(), form)}


def bulk(*, lines_first: bool) -> bytes:
    own = [row | {"__parentId": gid("Order", 450)} for row in lines()]
    other = {"id": gid("Metafield", 5), "__parentId": gid("Order", 450), "value": "x"}
    rows = [*own, graph("bulk"), other] if lines_first else [graph("bulk"), *own, other]
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


FORMS = {
    "edges": json.dumps({"data": {"orders": listed([graph("edges")], "edges")}}).encode(),
    "nodes": json.dumps({"data": {"orders": listed([graph("nodes")], "nodes")},
                         "extensions": {"cost": {"requestedQueryCost": 12}}}).encode(),
    "single": json.dumps({"data": {"order": graph("edges")}}).encode(),
    "bulk": bulk(lines_first=False),
    "bulk with a line first": bulk(lines_first=True),
}  # fmt: skip
STREAMS = ("orders", "order_lines", "payments", "refunds", "shipments", "shipment_lines",
           "channel_status")  # fmt: skip
PLACE = {"byte_from", "byte_to", "ingested_at", "file_id", "row_number", "record_hash", "extra",
         "load_seq"}  # fmt: skip
# An order in bulk does not know how many lines it has: they are records of their own.
UNKNOWN = {"bulk": {"line_count"}, "bulk with a line first": {"line_count"}}


def records(home: Home, without: set[str]) -> dict[str, list[tuple]]:
    """Everything that is known, but for where it was read, and ciphers."""
    found = {}
    for stream in STREAMS:
        names = [name for (name,) in home.rows(
            "select column_name from duckdb_columns() where schema_name = 'records' "
            f"and table_name = '{stream}'"
        )]  # fmt: skip
        plain = [
            name for name in names
            if name not in without | PLACE and not name.endswith("_cipher")
        ]  # fmt: skip
        found[stream] = home.rows(
            f"select {', '.join(plain)} from records.{stream} order by record_key"
        )
    return found


@pytest.mark.parametrize("form", FORMS)
def test_an_order_says_the_same_in_each_form(homes, form: str) -> None:
    plain, other = homes(), homes()
    plain.land(json.dumps({"orders": [rest()]}).encode(), source="shopify")
    other.land(FORMS[form], source="shopify")
    for home in (plain, other):
        assert home.ingest().quarantined == 0
        home.check_accounts()
    without = UNKNOWN.get(form, set()) | ({"placed_at"} if "bulk" in form else set())
    expected, found = records(plain, without), records(other, without)
    # Lines in bulk have no times of their own: their order has them.
    for stream in STREAMS:
        if stream == "order_lines" and "bulk" in form:
            continue
        assert found[stream] == expected[stream] != [], stream


@pytest.mark.parametrize("form", [form for form in FORMS if "bulk" in form])
def test_lines_in_bulk_belong_to_their_order(homes, form: str) -> None:
    plain, other = homes(), homes()
    plain.land(json.dumps([rest()]).encode(), source="shopify")
    other.land(FORMS[form], source="shopify")
    query = (
        "select line_id, order_id, sku, product_name, quantity, unit_price_amount, "
        "discount_amount, tax_amount, currency_code, supplier_id "
        "from records.order_lines order by line_id"
    )
    for home in (plain, other):
        home.ingest()
    assert other.rows(query) == plain.rows(query) != []
    assert other.rows("select records_skipped from ops.loads") == [(1,)]


def test_all_forms_in_one_home_are_one_order(home: Home) -> None:
    home.land(json.dumps(rest()).encode(), source="shopify", name="webhook")
    home.land(json.dumps({"orders": [rest()]}).encode(), source="shopify", name="rest")
    for form, data in FORMS.items():
        home.land(data, source="shopify", name=form)
    assert home.ingest().quarantined == 0
    for stream, count in (("orders", 1), ("order_lines", 2), ("payments", 1), ("refunds", 1)):
        assert home.rows(f"select count(distinct record_key) from records.{stream}") == [(count,)]
