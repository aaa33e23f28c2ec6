"""What the channels do not show although it has happened."""

from __future__ import annotations

import polars as pl

from ingestion.demo.business import Business
from ingestion.demo.labels.shape import of_fault


def labels(business: Business) -> list[pl.DataFrame]:
    return [
        of_fault("Q21", business.orders, "ship_not_synced"),
        of_fault("Q21", business.orders, "delivery_not_synced"),
    ]
