"""Parcels that are in trouble, silent, or delivered to nobody."""

from __future__ import annotations

import polars as pl

from ingestion.demo.business import Business
from ingestion.demo.labels.shape import of_fault


def labels(business: Business) -> list[pl.DataFrame]:
    return [
        of_fault("Q23", business.orders, "parcel_exception"),
        of_fault("Q24", business.orders, "parcel_silent"),
        of_fault("Q24", business.orders, "parcel_lost"),
        of_fault("Q25", business.orders, "delivered_not_received"),
    ]
