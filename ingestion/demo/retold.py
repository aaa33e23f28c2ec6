"""Lines of Alipay's bill that say something else than the payment, for a reason.

A number that was typed wrong belongs to its payment all the same; some cents of rounding are a known
reason. Which payments these are is no matter of chance, so that nothing else of the
business changes with them.
"""

from __future__ import annotations

import polars as pl

from ingestion.demo.orders import NEVER
from ingestion.demo.plan import DAY, TAOBAO, DemoPlan

WRONG_NUMBER, ROUNDED = "bill_number_wrong", "bill_fee_rounded"
_EACH = {WRONG_NUMBER: 4, ROUNDED: 3}
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
    return plain.head(len(kinds)).select("native_id", "order_id", retold=pl.Series(kinds))


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
    return told.with_columns(fee=pl.when(is_payment).then(fee + cents).otherwise(0))
