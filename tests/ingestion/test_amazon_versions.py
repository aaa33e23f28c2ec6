"""Two versions of Amazon's orders: the same order is the same records, whichever one tells."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ingestion.records import STREAMS
from tests.ingestion.conftest import Home
from tests.support.amazon import Amazon
from tests.support.asking import NOW, START, Reader, no_waiting
from tests.support.systems import serving

__all__ = ["no_waiting"]

TELLS = ("orders", "order_lines", "channel_status")
V0 = {
    "AmazonOrderId": "111-1", "PurchaseDate": "2026-10-31T10:00:00Z",
    "LastUpdateDate": "2026-11-02T10:00:00Z", "OrderStatus": "PartiallyShipped",
    "OrderTotal": {"CurrencyCode": "USD", "Amount": "27.90"}, "PaymentMethod": "COD",
    "LatestShipDate": "2026-11-03T07:59:59Z", "LatestDeliveryDate": "2026-11-08T07:59:59Z",
    "NumberOfItemsUnshipped": 1, "NumberOfItemsShipped": 2, "IsReplacementOrder": "true",
    "BuyerInfo": {"BuyerEmail": "Abc@marketplace.amazon.com"},
    "ShippingAddress": {"Name": "Ann Lee", "Phone": "+12125550100", "AddressLine1": "1 Road",
                        "AddressLine2": "B", "City": "Reno", "StateOrRegion": "NV",
                        "CountryCode": "US"},
}  # fmt: skip
ITEMS_V0 = {"AmazonOrderId": "111-1", "OrderItems": [
    {"OrderItemId": "1", "SellerSKU": "SKU-1", "ASIN": "B01", "Title": "Pot", "QuantityOrdered": 2,
     "ItemPrice": {"CurrencyCode": "USD", "Amount": "20.00"},
     "PromotionDiscount": {"CurrencyCode": "USD", "Amount": "2.00"},
     "ShippingPrice": {"CurrencyCode": "USD", "Amount": "4.00"},
     "ItemTax": {"CurrencyCode": "USD", "Amount": "1.60"}},
    {"OrderItemId": "2", "ASIN": "B02", "Title": "Lid", "QuantityOrdered": 1,
     "ItemPrice": {"CurrencyCode": "USD", "Amount": "4.30"}},
]}  # fmt: skip


def usd(amount: str) -> dict[str, str]:
    return {"currencyCode": "USD", "amount": amount}


NEW = {
    "orderId": "111-1", "createdTime": "2026-10-31T10:00:00Z",
    "lastUpdatedTime": "2026-11-02T10:00:00Z",
    "associatedOrders": [{"orderId": "111-0", "associationType": "REPLACEMENT_ORIGINAL_ID"}],
    "salesChannel": {"channelName": "AMAZON"},
    "buyer": {"buyerEmail": "abc@marketplace.amazon.com"},
    "recipient": {"deliveryAddress": {
        "name": "Ann Lee", "phone": "+12125550100", "addressLine1": "1 Road", "addressLine2": "B",
        "city": "Reno", "stateOrRegion": "NV", "countryCode": "US"}},
    "proceeds": {"grandTotal": usd("27.90")},
    "fulfillment": {
        "fulfillmentStatus": "PARTIALLY_SHIPPED",
        "shipByWindow": {"latestDateTime": "2026-11-03T07:59:59Z"},
        "deliverByWindow": {"latestDateTime": "2026-11-08T07:59:59Z"}},
    "orderItems": [
        {"orderItemId": "1", "quantityOrdered": 2,
         "product": {"asin": "B01", "title": "Pot", "sellerSku": "SKU-1"},
         "proceeds": {"breakdowns": [
             {"type": "ITEM", "subtotal": usd("20.00")},
             {"type": "SHIPPING", "subtotal": usd("4.00")},
             {"type": "DISCOUNT", "subtotal": usd("-2.50"), "detailedBreakdowns": [
                 {"subtype": "ITEM", "value": usd("-2.00")},
                 {"subtype": "SHIPPING", "value": usd("-0.50")}]},
             {"type": "TAX", "subtotal": usd("1.90"), "detailedBreakdowns": [
                 {"subtype": "SHIPPING", "value": usd("0.30")},
                 {"subtype": "ITEM", "value": usd("1.60")}]}]},
         "fulfillment": {"quantityFulfilled": 2, "quantityUnfulfilled": 0,
                         "shipping": {"shippingConstraints": {"cashOnDelivery": "MANDATORY"}}}},
        {"orderItemId": "2", "quantityOrdered": 1, "product": {"asin": "B02", "title": "Lid"},
         "proceeds": {"breakdowns": [{"type": "ITEM", "subtotal": usd("4.30")}]},
         "fulfillment": {"quantityFulfilled": 0, "quantityUnfulfilled": 1}}],
}  # fmt: skip


def facts(home: Home, stream: str) -> list[tuple[Any, ...]]:
    """What a stream states, without where it came from; sealed values by their index."""
    names = [
        f"{column.name}_index" if column.kind.is_personal else column.name
        for column in STREAMS[stream].columns
    ]
    return home.rows(f"select distinct {', '.join(names)} from records.{stream} order by all")


def test_the_same_order_is_the_same_facts_by_either_version(home: Home) -> None:
    home.land(json.dumps({"payload": {"Orders": [V0]}}).encode(), source="amazon_api")
    home.land(json.dumps({"payload": ITEMS_V0}).encode(), source="amazon_api", name="items")
    home.ingest()
    before = {stream: facts(home, stream) for stream in TELLS}
    assert [len(before[stream]) for stream in TELLS] == [1, 2, 1]
    report_of = home.land(json.dumps({"orders": [NEW]}).encode(), source="amazon_api", name="new")
    report = home.ingest()
    assert (report.recorded, report.quarantined) == (1, 0), report_of
    assert {stream: facts(home, stream) for stream in TELLS} == before
    home.check_accounts()


STATES = (
    "PENDING_AVAILABILITY", "PENDING", "UNSHIPPED", "PARTIALLY_SHIPPED", "SHIPPED", "CANCELLED",
    "UNFULFILLABLE",
)  # fmt: skip


@pytest.mark.parametrize("word", STATES)
def test_a_state_is_written_as_the_older_version_writes_it(home: Home, word: str) -> None:
    order = NEW | {"fulfillment": {"fulfillmentStatus": word}}
    home.land(json.dumps({"order": order}).encode(), source="amazon_api")
    home.ingest()
    [(state, paid, cancelled)] = home.rows(
        "select status_raw, paid_at is not null, cancelled_at is not null from records.orders"
    )
    as_before = "".join(part.capitalize() for part in word.split("_"))
    assert state == ("Canceled" if word == "CANCELLED" else as_before)
    assert paid == (not word.startswith("PENDING") and word != "CANCELLED")
    assert cancelled == (word == "CANCELLED")


def test_the_client_reads_either_by_setting_and_learns_the_same(tmp_path: Path) -> None:
    shop = Amazon(now=NOW)
    for number in range(1, 8):
        shop.change(number, START + timedelta(days=number))
    shop.change(3, START + timedelta(days=9))
    learnt = []
    for feed in ("orders", "orders_2026"):
        with serving(shop) as address:
            reader = Reader(tmp_path / feed, "amazon_api", address, feeds=[feed])
            reader.pull()
            home = Home(reader.settings(NOW))
            home.ingest(tolerance=None)
            learnt.append({stream: facts(home, stream) for stream in TELLS})
    assert learnt[0] == learnt[1]
    assert len(learnt[0]["orders"]) == 7
    asked = [path for path, _ in shop.calls if path.startswith("/orders/2026")]
    assert len(asked) >= 3
