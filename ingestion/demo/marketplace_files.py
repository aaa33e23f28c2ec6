"""Amazon's reports as tab-separated text: orders, parcels it sent, settlements in flat file V2."""

from __future__ import annotations

import io

import polars as pl

from ingestion.demo.formats import (
    Outbound,
    by_day,
    day_text,
    local_day,
    local_time,
    money,
)
from ingestion.demo.house_files import write_days
from ingestion.demo.marketplace import AMAZON, NOT_ORDERED, Marketplace, refunds
from ingestion.demo.orders import NEVER
from ingestion.demo.plan import DAY, HOUR, LOCAL_OFFSET, DemoPlan

_DEPOSITED_AFTER = 2  # days
_SETTLEMENT = (
    "settlement-id", "settlement-start-date", "settlement-end-date", "deposit-date",
    "total-amount", "currency", "transaction-type", "order-id", "merchant-order-id",
    "adjustment-id", "shipment-id", "marketplace-name", "amount-type", "amount-description",
    "amount", "fulfillment-id", "posted-date", "posted-date-time", "order-item-code",
    "merchant-order-item-id", "merchant-adjustment-item-id", "sku", "quantity-purchased",
    "promotion-id",
)  # fmt: skip


def write_marketplace(plan: DemoPlan, out: Outbound, shop: Marketplace) -> None:
    """Orders and parcels every day, a settlement whenever one is closed."""
    listed = shop.orders.filter(pl.col("fault") != NOT_ORDERED)
    _write_orders(plan, out, listed, shop.lines)
    _write_parcels(plan, out, shop.orders, shop.lines)
    _write_refunds(plan, out, shop)
    for (close,), rows in shop.settled.partition_by("close", as_dict=True).items():
        total = shop.totals.filter(pl.col("close") == close)
        number = int(total["settlement"][0])
        head = {
            "settlement-id": str(number),
            "settlement-start-date": _utc_text(int(close) - 14 * DAY),
            "settlement-end-date": _utc_text(int(close)),
            "deposit-date": _utc_text(int(close) + _DEPOSITED_AFTER * DAY),
            "total-amount": pl.select(money(pl.lit(int(total["amount"][0])))).item(),
            "currency": "USD",
        }
        summary = pl.DataFrame({name: [head.get(name, "")] for name in _SETTLEMENT})
        lines = pl.concat([summary, _settlement_rows(rows, number)])
        arrived = min(int(close) + 2 * HOUR, plan.until_s)
        out.write("amazon", AMAZON, f"settlement-{number}.txt", _tabbed(lines), arrived)


def deposits(shop: Marketplace) -> pl.DataFrame:
    """What the bank books: day (read in UTC), amount, counterparty, reference."""
    return shop.totals.select(
        day=pl.col("close") // DAY + _DEPOSITED_AFTER,
        amount="amount",
        counterparty=pl.lit("AMAZON PAYMENTS INC"),
        reference=pl.format("AMAZON SETTLEMENT {}", "settlement"),
    )


def _settlement_rows(rows: pl.DataFrame, number: int) -> pl.DataFrame:
    """Only the summary says the currency."""
    is_sale = pl.col("native_id") != ""
    cells = {
        "settlement-id": pl.lit(str(number)),
        "transaction-type": pl.col("transaction"),
        "order-id": pl.col("native_id"),
        "marketplace-name": pl.lit("Amazon.com"),
        "amount-type": pl.col("amount_type"),
        "amount-description": pl.col("description"),
        "amount": money("amount"),
        "fulfillment-id": pl.when(is_sale).then(pl.lit("AFN")).otherwise(pl.lit("")),
        "posted-date": _moment("at", "%Y-%m-%d"),
        "posted-date-time": _moment("at", "%Y-%m-%d %H:%M:%S UTC"),
        "sku": pl.col("sku"),
        "quantity-purchased": pl.col("quantity").cast(pl.String).fill_null(""),
    }
    return rows.select(**{name: cells.get(name, pl.lit("")) for name in _SETTLEMENT})


def _write_orders(plan: DemoPlan, out: Outbound, orders: pl.DataFrame, lines: pl.DataFrame) -> None:
    """Each order on the day it was placed and on the day it changed."""
    is_cancelled, is_shipped = pl.col("cancelled") != NEVER, pl.col("shipped") != NEVER
    placed = orders.with_columns(changed="placed", status=pl.lit("Unshipped"))
    later = orders.filter(is_cancelled | is_shipped).with_columns(
        changed=pl.when(is_cancelled).then("cancelled").otherwise("shipped"),
        status=pl.when(is_cancelled).then(pl.lit("Cancelled")).otherwise(pl.lit("Shipped")),
    )
    gone = pl.col("status") == "Cancelled"

    def price(cents: str) -> pl.Expr:
        return pl.when(gone).then(pl.lit("")).otherwise(money(cents))

    # A report lists an order once, as it is when the report is made.
    versions = (
        pl.concat([placed, later])
        .with_columns(day=local_day("changed"))
        .sort("changed")
        .unique(["n", "day"], keep="last", maintain_order=True)
    )
    rows = (
        versions.join(lines, on="n")
        .sort("changed", "n", "line_no")
        .select(
            "day",
            pl.col("native_id").alias("amazon-order-id"),
            _moment("placed").alias("purchase-date"),
            _moment("changed").alias("last-updated-date"),
            pl.col("status").alias("order-status"),
            pl.lit("AFN").alias("fulfillment-channel"),
            pl.lit("Amazon.com").alias("sales-channel"),
            pl.lit("Standard").alias("ship-service-level"),
            pl.col("title").alias("product-name"),
            "sku",
            pl.when(gone).then(0).otherwise("quantity").alias("quantity"),
            pl.lit("USD").alias("currency"),
            price("goods").alias("item-price"),
            price("tax").alias("item-tax"),
            price("shipping").alias("shipping-price"),
            price("discount").alias("item-promotion-discount"),
            pl.lit("US").alias("ship-country"),
        )
    )
    _write_days(plan, out, "orders", rows)


def _write_parcels(
    plan: DemoPlan, out: Outbound, orders: pl.DataFrame, lines: pl.DataFrame
) -> None:
    listed = orders.filter((pl.col("shipped") != NEVER) & (pl.col("fault") != NOT_ORDERED))
    rows = (
        listed.join(lines, on="n")
        .sort("shipped", "n", "line_no")
        .select(
            pl.col("native_id").alias("amazon-order-id"),
            pl.format("D{}", "n").alias("shipment-id"),
            pl.format("D{}-{}", "n", "line_no").alias("shipment-item-id"),
            _moment("placed").alias("purchase-date"),
            _moment("shipped").alias("shipment-date"),
            _moment("shipped").alias("reporting-date"),
            "sku",
            pl.col("quantity").alias("quantity-shipped"),
            pl.lit("AMZN_US").alias("carrier"),
            pl.format("TBA{}", pl.col("n") + 300_000_000).alias("tracking-number"),
            pl.lit("ONT8").alias("fulfillment-center-id"),
            day=local_day("shipped"),
        )
    )
    _write_days(plan, out, "shipments", rows)


def _write_refunds(plan: DemoPlan, out: Outbound, shop: Marketplace) -> None:
    """Refunds as the house's own service desk lists them: the marketplace's reports name none."""
    rows = refunds(shop).select(
        day=local_day("at"), refund_no=pl.format("RA{}", "n"), order_no="order_id",
        case_no=pl.lit(""), status=pl.lit("SUCCEEDED"), event_time=local_time("at"),
        amount=money("amount"), currency=pl.lit("USD"), kind=pl.lit("RETURN"),
        reason=pl.lit("尺码不合"), provider=pl.lit("amazon"), provider_refund_no=pl.lit(""),
    )  # fmt: skip
    write_days(plan, out, "service_desk", AMAZON, "refunds", rows)


def _write_days(plan: DemoPlan, out: Outbound, stem: str, frame: pl.DataFrame) -> None:
    for day, rows in by_day(frame):
        arrived = min((day + 1) * DAY - LOCAL_OFFSET + HOUR, plan.until_s)
        out.write("amazon", AMAZON, f"{stem}-{day_text(day)}.txt", _tabbed(rows), arrived)


def _moment(seconds: str, pattern: str = "%Y-%m-%dT%H:%M:%S+00:00") -> pl.Expr:
    return pl.from_epoch(seconds, time_unit="s").dt.strftime(pattern)


def _utc_text(seconds: int) -> str:
    return pl.select(
        pl.from_epoch(pl.lit(seconds), time_unit="s").dt.strftime("%Y-%m-%d %H:%M:%S UTC")
    ).item()


def _tabbed(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_csv(buffer, separator="\t", quote_style="never")
    return buffer.getvalue()
