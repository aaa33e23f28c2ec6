"""Orders that wait for a person's decision."""

from __future__ import annotations

import polars as pl

from ingestion.demo.business import Business
from ingestion.demo.labels.shape import of_orders


def labels(business: Business) -> list[pl.DataFrame]:
    undecided = ~business.had("reviewed")
    risky = business.is_waiting & (pl.col("risk") != "") & undecided
    return [of_orders("Q07", business.orders.filter(risky))]
