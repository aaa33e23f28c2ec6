"""Complaints that wait for an answer or a plan."""

from __future__ import annotations

import polars as pl

from ingestion.demo.business import Business
from ingestion.demo.labels.shape import of_orders
from ingestion.demo.orders import NEVER


def labels(business: Business) -> list[pl.DataFrame]:
    is_major = pl.col("level") == "MAJOR"
    # A complaint that became a major one is one from then on.
    became = is_major & (pl.col("escalated") == NEVER) & (pl.col("answered") != NEVER)
    unplanned = became & (pl.col("planned") == NEVER) & (pl.col("resolved") == NEVER)
    waits = (pl.col("opened") != NEVER) & ((pl.col("answered") == NEVER) | unplanned)
    raised = (pl.col("escalated") != NEVER) & (pl.col("planned") == NEVER)
    return [of_orders("Q30", business.complaints.filter(waits | raised), "complaint_waits")]
