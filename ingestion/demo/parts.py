"""Payments that came in two parts: a third of the price was missing and followed later.

What the shop states and what the provider pays out have to tell the same two movements.
"""

from __future__ import annotations

import polars as pl

from ingestion.demo.plan import MINUTE

TOPPED_UP = "payment_topped_up"
_LATER = 40 * MINUTE  # well after what counts as parts of one payment


def rest() -> pl.Expr:
    """What was missing of the price, in cents."""
    return (
        pl.when(pl.col("fault") == TOPPED_UP)
        .then(pl.col("captured") // 3)
        .otherwise(pl.lit(0, pl.Int64))
    )


def rests(orders: pl.DataFrame, moment: str) -> pl.DataFrame:
    """The orders whose rest was paid, with that amount as `captured` and its moment."""
    return orders.filter(pl.col("fault") == TOPPED_UP).with_columns(
        pl.col(moment) + _LATER, captured=rest()
    )


def without_rest(orders: pl.DataFrame) -> pl.DataFrame:
    """The orders with what was paid at first as `captured`."""
    return orders.with_columns(captured=pl.col("captured") - rest())
