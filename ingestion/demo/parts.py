"""Payments that came in two parts: a third of the price was missing and followed later; or a pre-sale,
a fifth of it as its deposit and the rest on a later day.

What the shop states and what the provider pays out have to tell the same two movements.
"""

from __future__ import annotations

import polars as pl

from ingestion.demo.plan import DAY, MINUTE

TOPPED_UP, PRESOLD, OVERDUE = "payment_topped_up", "presold", "rest_overdue"
IN_STEPS = (PRESOLD, OVERDUE)
_LATER = 40 * MINUTE  # well after what counts as parts of one payment
_DEPOSIT_AFTER = 5 * MINUTE
REST_WITHIN = DAY  # from when the rest is paid until it has to be; else from the order on


def rest() -> pl.Expr:
    """What is paid later, in cents."""
    return (
        pl.when(pl.col("fault") == TOPPED_UP).then(pl.col("captured") // 3)
        .when(pl.col("fault").is_in(IN_STEPS)).then(pl.col("captured") - pl.col("captured") // 5)
        .otherwise(pl.lit(0, pl.Int64))
    )  # fmt: skip


def rests(orders: pl.DataFrame, moment: str) -> pl.DataFrame:
    """The orders whose rest was paid, with that amount as `captured` and its moment. A pre-sale counts
    as paid once its rest is there."""
    topped_up = pl.col("fault") == TOPPED_UP
    return orders.filter(topped_up | (pl.col("fault") == PRESOLD)).with_columns(
        pl.col(moment) + pl.when(topped_up).then(_LATER).otherwise(0), captured=rest()
    )


def without_rest(orders: pl.DataFrame, moment: str) -> pl.DataFrame:
    """The orders with what was paid at first as `captured`, and when."""
    return orders.with_columns(
        pl.when(pl.col("fault").is_in(IN_STEPS)).then(pl.col("placed") + _DEPOSIT_AFTER)
        .otherwise(pl.col(moment)).alias(moment),
        captured=pl.col("captured") - rest(),
    )  # fmt: skip
