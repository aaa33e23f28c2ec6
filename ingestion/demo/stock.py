"""Goods in and out of the one warehouse, and what the warehouse counts.

Every article is received in time for what it sells, except the few that are sold but not there.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from ingestion.demo.catalogue import UNLISTED
from ingestion.demo.orders import NEVER
from ingestion.demo.plan import DAY, HOUR, LOCAL_OFFSET, MIN_FAULTS, WAREHOUSE, DemoPlan
from ingestion.demo.stock_specials import HOLDS, SpecialStock, special_movements

BUFFER = 25
LOW_BUFFER = 3
_WEEK = 7 * DAY


def open_demand(plan: DemoPlan, orders: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Lines confirmed and not handed over at the present, in serving order (confirmed, order)."""
    confirmed = pl.when(pl.col("is_cod")).then(pl.col("placed")).otherwise(pl.col("paid"))
    waiting = orders.filter(
        (confirmed != NEVER) & (confirmed <= plan.until_s)
        & ((pl.col("handed") == NEVER) | (pl.col("handed") > plan.until_s))
        & ((pl.col("cancelled") == NEVER) | (pl.col("cancelled") > plan.until_s))
        & ((pl.col("risk") == "")
           | ((pl.col("reviewed") != NEVER) & (pl.col("reviewed") <= plan.until_s)))
        & (pl.col("fault") != "order_missing")
        & ((pl.col("supplier") == "") | (pl.col("notified") > plan.until_s))
    )  # fmt: skip
    return (
        lines.filter((pl.col("sku") != "") & ~pl.col("sku").str.starts_with(UNLISTED))
        .join(waiting.select("n", "order_id", confirmed=confirmed), on="n")
        .sort("sku", "confirmed", "order_id", "line_no")
        .with_columns(running=pl.col("quantity").cum_sum().over("sku"))
    )


def shipped_goods(plan: DemoPlan, orders: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Lines that left the house itself until the present, with their parcel's moment."""
    second = (
        pl.col("is_split")
        & (pl.col("line_count") > 1)
        & (pl.col("line_no") == pl.col("line_count"))
    )
    return (
        lines.join(
            orders.filter((pl.col("handed") != NEVER) & (pl.col("supplier") == "")).select(
                "n", "order_id", "handed", "is_split", "line_count"
            ),
            on="n",
        )
        .with_columns(parcel=pl.when(second).then(2).otherwise(1))
        .with_columns(
            at=pl.when(second).then(pl.col("handed") + 6 * HOUR).otherwise(pl.col("handed"))
        )
        .filter(pl.col("at") <= plan.until_s)
    )


def choose_oversold(plan: DemoPlan, demand: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Articles sold beyond what is there: sku, sellable (half of what is promised)."""
    totals = (
        demand.group_by("sku").agg(pl.col("quantity").sum(), pl.len()).filter(pl.col("len") >= 2)
    ).sort("sku")
    count = min(max(MIN_FAULTS // 2, plan.sku_count // 80), totals.height)
    chosen = np.sort(rng.choice(totals.height, count, replace=False))
    return totals[chosen.tolist()].select("sku", sellable=pl.col("quantity") // 2)


def make_movements(plan: DemoPlan, catalogue: pl.DataFrame, shipped: pl.DataFrame,
                   demand: pl.DataFrame, oversold: pl.DataFrame,
                   special: SpecialStock) -> pl.DataFrame:  # fmt: skip
    """movement_no, sku, type, quantity, at, order_id: an opening, weekly receipts, every shipment."""
    left = (
        catalogue.select("sku")
        .join(demand.group_by("sku").agg(pl.col("quantity").sum()), on="sku", how="left")
        .with_columns(
            sellable=pl.col("quantity").fill_null(0)
            + pl.when(pl.col("sku").is_in(special.low)).then(LOW_BUFFER).otherwise(BUFFER)
        )
        .update(oversold, on="sku")
    )
    week = (pl.col("at") - plan.start_s) // _WEEK
    needed = (
        shipped.with_columns(week=week)
        .group_by("sku", "week")
        .agg(pl.col("quantity").sum())
        .join(catalogue.select("sku"), on="sku")
    )
    opening = left.select(
        "sku", type=pl.lit("OPENING"), quantity=pl.col("sellable").cast(pl.Int64),
        at=pl.lit(plan.start_s, pl.Int64), order_id=pl.lit(""),
    )  # fmt: skip
    receipts = needed.select(
        "sku",
        type=pl.lit("RECEIPT"),
        quantity=pl.col("quantity").cast(pl.Int64),
        at=plan.start_s + pl.col("week") * _WEEK + 1,
        order_id=pl.lit(""),
    )
    shipments = shipped.filter(pl.col("sku") != "").select(
        "sku",
        type=pl.lit("SHIP"),
        quantity=-pl.col("quantity").cast(pl.Int64),
        at="at",
        order_id="order_id",
    )
    plain = pl.concat([opening, receipts, shipments]).with_columns(
        warehouse=pl.lit(WAREHOUSE), reference=pl.lit(""), to_warehouse=pl.lit("")
    )
    return (
        pl.concat([plain, special_movements(plan, special)], how="diagonal_relaxed")
        .sort("at", "sku", "type", "order_id", "quantity")
        .with_columns(
            lot=pl.when(pl.col("sku").is_in(special.by_lot))
            .then(pl.lit("LOT-A"))
            .otherwise(pl.lit(""))
        )
        .with_row_index("movement_no", offset=1)
        .with_columns(day=(pl.col("at") + LOCAL_OFFSET) // DAY)
    )


def make_snapshots(plan: DemoPlan, movements: pl.DataFrame, oversold: pl.DataFrame,
                   rng: np.random.Generator) -> tuple[pl.DataFrame, list[str]]:  # fmt: skip
    """What the warehouse counted on the last two Sundays and last night; which skus drifted."""
    midnight = (plan.until_s + LOCAL_OFFSET) // DAY * DAY - LOCAL_OFFSET
    skus = movements["sku"].unique().sort()
    calm = skus.filter(~skus.is_in(oversold["sku"].implode()))
    drifted = sorted(
        rng.choice(calm.to_numpy(), min(MIN_FAULTS, len(calm)), replace=False).tolist()
    )
    frames = []
    for moment in (midnight - 14 * DAY, midnight - 7 * DAY, midnight):
        held = (
            movements.filter(
                (pl.col("at") <= moment)
                & (pl.col("warehouse") == WAREHOUSE)
                & ~pl.col("type").is_in(HOLDS)
            )
            .group_by("sku", "lot")
            .agg(on_hand=pl.col("quantity").sum())
            .sort("sku")
            .with_columns(taken_at=pl.lit(moment, pl.Int64))
        )
        if moment == midnight:
            off = pl.DataFrame({"sku": drifted, "off": rng.integers(2, 9, len(drifted))})
            is_even = pl.col("sku").str.slice(-1).cast(pl.Int64) % 2 == 0
            sign = pl.when(is_even).then(1).otherwise(-1)
            held = held.join(off, on="sku", how="left").with_columns(
                # Beyond what an article of its class may differ by.
                on_hand=pl.col("on_hand")
                + sign * (pl.col("off") + pl.col("on_hand").abs() * 6 // 100).fill_null(0)
            )
        frames.append(held.select("sku", "lot", "taken_at", "on_hand"))
    return pl.concat(frames), drifted
