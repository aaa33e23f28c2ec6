"""What a channel showed of its orders: each is exported when placed and when it last changed."""

from __future__ import annotations

import polars as pl

from ingestion.demo.formats import local_day
from ingestion.demo.orders import NEVER
from ingestion.demo.plan import DAY, LOCAL_OFFSET, DemoPlan

_SHOWN = ("paid", "cancelled", "handed", "completed", "cod_collected", "refunded", "handed_2")


def _seen_by(frame: pl.DataFrame, horizon: pl.Expr) -> pl.DataFrame:
    """Hides every moment after the horizon and notes the last one shown as `updated`."""
    shown = frame.with_columns(horizon=horizon).with_columns(
        pl.when(pl.col(name) <= pl.col("horizon")).then(pl.col(name)).otherwise(NEVER).alias(name)
        for name in _SHOWN
    )
    return shown.with_columns(updated=pl.max_horizontal("placed", *_SHOWN))


def order_versions(plan: DemoPlan, orders: pl.DataFrame) -> pl.DataFrame:
    """The first and the last version of each order, with the `day` of the export that shows it."""
    end_of_day = (local_day("placed") + 1) * DAY - LOCAL_OFFSET - 1
    first = _seen_by(orders, pl.min_horizontal(end_of_day, pl.lit(plan.until_s))).with_columns(
        day=local_day("placed"), version=pl.lit(1)
    )
    last = _seen_by(orders, pl.lit(plan.until_s)).with_columns(
        day=local_day("updated"), version=pl.lit(2)
    )
    later = last.filter(pl.col("day") > local_day("placed"))
    return pl.concat([first, later], how="vertical_relaxed")
