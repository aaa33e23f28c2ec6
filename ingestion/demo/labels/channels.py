"""What the channels do not show although it has happened."""

from __future__ import annotations

import polars as pl

from ingestion.demo.business import Business
from ingestion.demo.channel_files import ODD_ENDS
from ingestion.demo.labels.shape import of_fault


def labels(business: Business) -> list[pl.DataFrame]:
    return [
        of_fault("Q21", business.orders, "ship_not_synced"),
        of_fault("Q21", business.orders, "delivery_not_synced"),
        *[of_fault("Q31", business.orders, fault) for fault in ODD_ENDS],
        # Cancelled, and the warehouse sent it all the same.
        of_fault("Q31", business.orders, "shipped_after_cancel"),
        of_fault("Q31", business.orders, "shipped_after_refund"),
    ]
