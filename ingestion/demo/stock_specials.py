"""What happens to the stock of a few articles: too little bought, moved, blocked, counted wrong.

Each list is drawn with dice of its own, so that a new one leaves the others as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from ingestion.demo.orders import NEVER
from ingestion.demo.plan import DAY, HOUR, LOCAL_OFFSET, MIN_FAULTS, WAREHOUSE, DemoPlan

HOLDS = ("FREEZE", "UNFREEZE", "QC_HOLD", "QC_RELEASE")
SECOND_WAREHOUSE = "WH2"
MOVED_PIECES, BLOCKED_PIECES = 12, 2
ORDERED_AGE = 2 * DAY
CONFIRMED_AGE = ORDERED_AGE - HOUR // 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialStock:
    """Articles by what happens to them.

    Attributes:
        low: bought so tightly that what can be promised runs low.
        confirmed: of the low, those whose replenishment the supplier has confirmed.
        moved: sent to the second warehouse; the first half has arrived.
        blocked: a few pieces frozen, a few held for inspection.
        by_lot: kept by batch.
        miscounted: found with another number than the books say, nobody has decided.
        settled: found with another number, and approved.
        overpublished: a shop was told far too many.
    """

    low: list[str]
    confirmed: list[str]
    moved: list[str]
    blocked: list[str]
    by_lot: list[str]
    miscounted: list[str]
    settled: list[str]
    overpublished: list[str]


def choose_special(plan: DemoPlan, catalogue: pl.DataFrame, oversold: pl.DataFrame) -> SpecialStock:
    """Disjoint lists of articles that are not oversold; the slow sellers have the odd stories."""
    rng = plan.rng("stock/specials")
    calm = catalogue.filter(~pl.col("sku").is_in(oversold["sku"].implode()))["sku"].to_list()
    order = [calm[i] for i in rng.permutation(len(calm)).tolist()]
    few, many = max(MIN_FAULTS // 2, 3), MIN_FAULTS
    sizes = (many, few, few, few, few, few)
    parts, taken = [], 0
    for size in sizes:
        parts.append(sorted(order[taken : taken + size]))
        taken += size
    low, moved, blocked, by_lot, settled, overpublished = parts
    return SpecialStock(
        low=low, confirmed=low[:2], moved=moved, blocked=blocked, by_lot=by_lot,
        miscounted=sorted(order[-many:]), settled=settled, overpublished=overpublished,
    )  # fmt: skip


def special_movements(plan: DemoPlan, special: SpecialStock) -> pl.DataFrame:
    """Transfers, and pieces that may not be sold; each with the receipt that makes up for it."""
    rows = []
    sent, arrived = plan.until_s - 4 * DAY, plan.until_s - 2 * DAY
    for number, sku in enumerate(special.moved):
        reference = f"T{number + 1}"
        rows.append((sku, "RECEIPT", MOVED_PIECES, plan.start_s + 2, WAREHOUSE, "", ""))
        rows.append(
            (sku, "TRANSFER_OUT", -MOVED_PIECES, sent, WAREHOUSE, reference, SECOND_WAREHOUSE)
        )
        if number % 2 == 0:
            rows.append(
                (sku, "TRANSFER_IN", MOVED_PIECES, arrived, SECOND_WAREHOUSE, reference, "")
            )
    for sku in special.blocked:
        rows.append((sku, "RECEIPT", 2 * BLOCKED_PIECES, plan.start_s + 2, WAREHOUSE, "", ""))
        rows.append((sku, "FREEZE", BLOCKED_PIECES, sent, WAREHOUSE, "", ""))
        rows.append((sku, "QC_HOLD", BLOCKED_PIECES, arrived, WAREHOUSE, "", ""))
    return pl.DataFrame(
        rows, orient="row",
        schema={"sku": pl.String, "type": pl.String, "quantity": pl.Int64, "at": pl.Int64,
                "warehouse": pl.String, "reference": pl.String, "to_warehouse": pl.String},
    ).with_columns(order_id=pl.lit(""))  # fmt: skip


def make_counts(plan: DemoPlan, special: SpecialStock, snapshots: pl.DataFrame) -> pl.DataFrame:
    """One stocktake of the articles that were counted by hand: line_no, step, at, sku, book, found."""
    midnight = (plan.until_s + LOCAL_OFFSET) // DAY * DAY - LOCAL_OFFSET
    counted_at = midnight - DAY + 2 * HOUR
    book = snapshots.filter(pl.col("taken_at") == pl.col("taken_at").max()).select("sku", "on_hand")
    off = pl.when(pl.col("sku").is_in(special.miscounted)).then(-4).when(
        pl.col("sku").is_in(special.settled)).then(5).otherwise(0)  # fmt: skip
    lines = (
        book.sort("sku")
        .gather_every(3)
        .vstack(book.filter(pl.col("sku").is_in([*special.miscounted, *special.settled])))
        .unique("sku")
        .sort("sku")
        .with_row_index("line_no", offset=1)
        .with_columns(found=pl.col("on_hand") + off)
    )
    counted = lines.select("line_no", "sku", "on_hand", "found", step=pl.lit("COUNTED"),
                           at=pl.lit(counted_at, pl.Int64))  # fmt: skip
    opened = counted.with_columns(step=pl.lit("OPENED"), at=pl.col("at") - HOUR, found=None)
    approved = lines.filter(pl.col("sku").is_in(special.settled)).select(
        "line_no", "sku", "on_hand", "found", step=pl.lit("APPROVED"),
        at=pl.lit(counted_at + 3 * HOUR, pl.Int64),
    )  # fmt: skip
    return pl.concat([opened, counted, approved], how="vertical_relaxed").sort("at", "line_no")


def make_reservations(plan: DemoPlan, orders: pl.DataFrame, demand: pl.DataFrame,
                      oversold: pl.DataFrame) -> pl.DataFrame:  # fmt: skip
    """What the shop held and let go: n, event, at, reason. Only of orders with such a story.

    In the flash sale stock is held for half an hour. Of orders for oversold articles it was let go
    before they paid. A few orders were cancelled while their stock stayed held.
    """
    online = orders.filter(
        ~pl.col("is_cod") & (pl.col("fault") != "order_missing") & (pl.col("supplier") == "")
    )
    paid = pl.when(pl.col("paid") == NEVER).then(None).otherwise(pl.col("paid"))
    cancelled = pl.when(pl.col("cancelled") == NEVER).then(None).otherwise(pl.col("cancelled"))
    online = online.with_columns(paid_at=paid, cancelled_at=cancelled)
    flash = online.filter(pl.col("placed").is_between(FLASH_FROM, FLASH_TO, closed="left"))
    flash = flash.with_columns(until=pl.col("placed") + 30 * 60).with_columns(
        is_let_go=pl.col("paid_at").is_null() | (pl.col("paid_at") > pl.col("until"))
    )
    short = demand.join(oversold, on="sku").select("n").unique()
    late = (
        online.join(short, on="n", how="semi")
        .filter(
            ~pl.col("n").is_in(flash["n"].implode()) & (pl.col("paid_at") - pl.col("placed") > 4)
        )
        .sort("n")
        .head(MIN_FAULTS)
        .with_columns(until=(pl.col("placed") + pl.col("paid_at")) // 2, is_let_go=pl.lit(True))
    )
    orphans = (
        online.filter(pl.col("cancelled_at").is_between(plan.until_s - 9 * DAY, plan.until_s - HOUR)
                      & (pl.col("handed") == NEVER)  # what left all the same holds nothing
                      & ~pl.col("n").is_in(flash["n"].implode()))
        .sort("n")
        .gather_every(2)
        .head(MIN_FAULTS)
        .with_columns(until=pl.lit(None, pl.Int64), is_let_go=pl.lit(False))
    )  # fmt: skip
    held = pl.concat([flash, late, orphans], how="diagonal_relaxed")
    reserved = held.select("n", event=pl.lit("STOCK_RESERVED"), at="placed", reason=pl.lit("soft"))
    let_go = held.filter(pl.col("is_let_go")).select(
        "n", event=pl.lit("RESERVATION_EXPIRED"), at="until", reason=pl.lit("")
    )
    given_back = flash.filter(~pl.col("is_let_go") & pl.col("cancelled_at").is_not_null()).select(
        "n", event=pl.lit("RESERVATION_RELEASED"), at="cancelled_at", reason=pl.lit("")
    )
    return pl.concat([reserved, let_go, given_back], how="vertical_relaxed").filter(
        pl.col("at") <= plan.until_s
    )


FLASH_FROM, FLASH_TO = 1_782_662_400, 1_782_748_800  # campaign flash_2026 of the policies
