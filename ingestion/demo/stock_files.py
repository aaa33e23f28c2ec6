"""What the house exports about stock besides movements: stocktakes, purchases, shop quantities, sets."""

from __future__ import annotations

import polars as pl

from ingestion.demo.formats import Outbound, csv_bytes, local_time, money
from ingestion.demo.plan import DAY, HOUR, SHOPIFY, TAOBAO, WAREHOUSE, DemoPlan
from ingestion.demo.stock_specials import CONFIRMED_AGE, ORDERED_AGE, SpecialStock

KITS = 3


def write_stock_files(plan: DemoPlan, out: Outbound, special: SpecialStock, counts: pl.DataFrame,
                      catalogue: pl.DataFrame, oversold: pl.DataFrame) -> None:  # fmt: skip
    _write_counts(plan, out, counts)
    _write_purchases(plan, out, special, catalogue, oversold)
    _write_bundles(plan, out, catalogue)
    _write_shop_quantities(plan, out, special, catalogue)
    _write_held(out, [*special.by_lot, *oversold["sku"]], counts)


def _write_counts(plan: DemoPlan, out: Outbound, counts: pl.DataFrame) -> None:
    is_count = pl.col("step") == "COUNTED"
    rows = counts.select(
        count_no=pl.lit("PD202606"), line_no=pl.col("line_no").cast(pl.String), step="step",
        step_time=local_time("at"), warehouse=pl.lit(WAREHOUSE), sku="sku", lot=pl.lit(""),
        book=pl.when(is_count).then(pl.col("on_hand").cast(pl.String)).otherwise(pl.lit("")),
        counted=pl.when(is_count).then(pl.col("found").cast(pl.String)).otherwise(pl.lit("")),
        reason=pl.lit(""), operator=pl.lit("w1"),
    )  # fmt: skip
    out.write("wms", TAOBAO, "counts-202606.csv", csv_bytes(rows), plan.until_s - HOUR)


def _write_purchases(plan: DemoPlan, out: Outbound, special: SpecialStock, catalogue: pl.DataFrame,
                     oversold: pl.DataFrame) -> None:  # fmt: skip
    """Replenishment of what is low or oversold; half of the low wait for the supplier's word."""
    wanted = pl.DataFrame({"sku": [*special.low, *oversold["sku"].to_list()]}).with_row_index("i")
    ordered = plan.until_s - ORDERED_AGE
    is_confirmed = ~pl.col("sku").is_in(special.low) | pl.col("sku").is_in(special.confirmed)
    rows = wanted.join(catalogue.select("sku", "cost_cny"), on="sku", maintain_order="left").select(
        pl.format("PUR-ORD-2026-{}", (pl.col("i") // 4 + 1).cast(pl.String).str.zfill(5)).alias("ID"),
        pl.lit("SUP1").alias("Supplier"), pl.lit("To Receive and Bill").alias("Status"),
        local_time(pl.lit(ordered), "%Y-%m-%d").alias("Date"), pl.lit("CNY").alias("Currency"),
        pl.when(is_confirmed).then(local_time(pl.lit(plan.until_s - CONFIRMED_AGE))).otherwise(pl.lit(""))
        .alias("Order Confirmation Date"),
        pl.format("poi{}", pl.col("i") + 1).alias("ID (Items)"),
        pl.col("sku").alias("Item Code (Items)"),
        local_time(pl.lit(plan.until_s + 2 * DAY), "%Y-%m-%d").alias("Required By (Items)"),
        pl.lit("100").alias("Quantity (Items)"), pl.lit("0").alias("Received Qty (Items)"),
        money("cost_cny").alias("Rate (Items)"), pl.lit(WAREHOUSE).alias("Target Warehouse (Items)"),
        local_time(pl.lit(ordered + HOUR)).alias("Last Updated On"),
    )  # fmt: skip
    out.write("erpnext", TAOBAO, "Purchase Order.csv", csv_bytes(rows), ordered + HOUR)


def _write_bundles(plan: DemoPlan, out: Outbound, catalogue: pl.DataFrame) -> None:
    skus = catalogue["sku"].to_list()
    rows = pl.DataFrame(
        [
            {"Parent Item": f"SET{k + 1:03d}", "Item Code (Items)": skus[2 * k + part],
             "Qty (Items)": str(1 + part)}
            for k in range(KITS)
            for part in range(2)
        ]
    ).with_columns(local_time(pl.lit(plan.start_s)).alias("Last Updated On"))  # fmt: skip
    out.write("erpnext", TAOBAO, "Product Bundle.csv", csv_bytes(rows), plan.start_s)


def _write_shop_quantities(plan: DemoPlan, out: Outbound, special: SpecialStock,
                           catalogue: pl.DataFrame) -> None:  # fmt: skip
    """Shops are told little, so that what they may sell is there; a few were told far too much."""
    too_many = pl.col("sku").is_in(special.overpublished)
    for shop, minutes in ((TAOBAO, 30), (SHOPIFY, 29)):
        at = plan.until_s - minutes * 60
        rows = catalogue.select(
            "sku", available=pl.when(too_many).then(pl.lit("500")).otherwise(pl.lit("0")),
            pushed_at=local_time(pl.lit(at)),
        )  # fmt: skip
        out.write("wms", shop, "channel_stock.csv", csv_bytes(rows), at)


def _write_held(out: Outbound, apart: list[str], counts: pl.DataFrame) -> None:
    """Articles found as the books say, whose stock the demo's staff ask to change; no source.

    Slow sellers: of what sells well every piece is spoken for, and one more would end a shortage.
    """
    is_plain = (pl.col("found") == pl.col("on_hand")) & (pl.col("on_hand") >= 10)
    plain = counts.filter(is_plain & ~pl.col("sku").is_in(apart)).sort("sku")
    plain.select("sku", "on_hand").unique("sku", maintain_order=True).tail(4).write_csv(
        out.folder / "held.csv"
    )
