"""What a label looks like, and the ways to make one."""

from __future__ import annotations

import polars as pl

SCHEMA = {
    "queue_code": pl.String, "entity_type": pl.String, "entity_id": pl.String,
    "order_id": pl.String, "fault": pl.String,
}  # fmt: skip


def of_orders(queue: str, orders: pl.DataFrame, fault: str | None = None) -> pl.DataFrame:
    """One label for each of the orders, named after its own fault unless `fault` is given."""
    return orders.select(
        queue_code=pl.lit(queue),
        entity_type=pl.lit("order"),
        entity_id="order_id",
        order_id="order_id",
        fault=pl.lit(fault) if fault else pl.col("fault"),
    )


def of_fault(queue: str, orders: pl.DataFrame, fault: str) -> pl.DataFrame:
    """One label for each order that carries the fault."""
    return of_orders(queue, orders.filter(pl.col("fault") == fault))


def of_entities(queue: str, kind: str, ids: list[str], fault: str) -> pl.DataFrame:
    """One label for each thing that is not an order."""
    rows = [
        {"queue_code": queue, "entity_type": kind, "entity_id": i, "order_id": "", "fault": fault}
        for i in ids
    ]
    return pl.DataFrame(rows, schema=SCHEMA)
