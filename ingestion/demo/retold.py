"""Lines of Alipay's bill that say something else than the payment, for a reason.

A number that was typed wrong belongs to its payment all the same; some cents of rounding are a known
reason; payments of one day that were booked as one line are a sum somebody has to see. Which payments these are is no matter of chance, so that nothing else of the
business changes with them.
"""

from __future__ import annotations

import polars as pl

from ingestion.demo.formats import local_day
from ingestion.demo.orders import NEVER
from ingestion.demo.plan import DAY, TAOBAO, DemoPlan

WRONG_NUMBER, ROUNDED, TOGETHER = "bill_number_wrong", "bill_fee_rounded", "bill_booked_together"
_EACH = {WRONG_NUMBER: 4, ROUNDED: 3}
_SUMMED = 4  # payments of one day, the first whose other payments are all on the bill
_SMALL = 200_000  # cents: below it a fee of three cents more is beyond the tolerance


def retold(plan: DemoPlan, orders: pl.DataFrame) -> pl.DataFrame:
    """native_id, order_id, retold: plain payments of last month, the first of them by number."""
    plain = orders.filter(
        (pl.col("shop") == TAOBAO)
        & (pl.col("fault") == "")
        & (pl.col("cancelled") == NEVER)
        & (pl.col("captured") < _SMALL)
        & pl.col("paid").is_between(plan.until_s - 45 * DAY, plan.until_s - 20 * DAY)
    ).sort("native_id")
    kinds = [kind for kind, count in _EACH.items() for _ in range(count)][: plain.height]
    told = plain.head(len(kinds)).with_columns(retold=pl.Series(kinds))
    missing = orders.filter(pl.col("fault") == "bill_line_missing")
    lone = pl.concat([told, missing], how="diagonal_relaxed").select(local_day("paid"))
    summed = (
        plain.join(told.select("native_id"), on="native_id", how="anti")
        .with_columns(day=local_day("paid"), retold=pl.lit(TOGETHER))
        .filter(~pl.col("day").is_in(lone["paid"].to_list()))
        .filter(pl.len().over("day") >= _SUMMED)
        .sort("day", "native_id")
        .head(_SUMMED)
    )
    return pl.concat([told, summed], how="diagonal_relaxed").select(
        "native_id", "order_id", "retold"
    )


def as_told(lines: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """The lines of the bill with what is told otherwise, and with `number` and `fee`."""
    is_payment = pl.col("kind") == "交易"
    kind = pl.when(is_payment).then(pl.col("retold"))
    typed = kind == WRONG_NUMBER
    told = lines.join(found.select("native_id", "retold"), on="native_id", how="left").with_columns(
        number=pl.when(typed)
        .then(pl.format("T200P{}X", "native_id"))
        .otherwise(pl.format("T200P{}", "native_id")),
        trade=pl.when(typed).then(pl.format("2029{}", "native_id")).otherwise("trade"),
    )
    fee = (pl.col("gross").abs() * 6 + 500) // 1000
    cents = pl.when(kind == ROUNDED).then(3).otherwise(0)
    told = told.with_columns(fee=pl.when(is_payment).then(fee + cents).otherwise(0))
    return _together(told, kind == TOGETHER)


def _together(lines: pl.DataFrame, is_summed: pl.Expr) -> pl.DataFrame:
    """One line instead of several: the last of them, under a number of its own, with their sums."""
    summed = lines.filter(is_summed)
    if summed.is_empty():
        return lines
    last = summed.sort("at", "native_id").tail(1)
    one = last.with_columns(
        gross=pl.lit(summed["gross"].sum()).cast(lines.schema["gross"]),
        fee=pl.lit((summed["gross"].sum() * 6 + 500) // 1000).cast(lines.schema["fee"]),
        number=pl.format("T200P{}S", "native_id"),
        trade=pl.format("2031{}", "native_id"),
    )
    return pl.concat([lines.filter(~is_summed.fill_null(value=False)), one])
