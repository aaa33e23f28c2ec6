"""What the channels do not show although it has happened."""

from __future__ import annotations

import polars as pl

from ingestion.demo.business import Business
from ingestion.demo.channel_files import ODD_ENDS
from ingestion.demo.labels.shape import of_fault
from ingestion.demo.plan import TAOBAO


def labels(business: Business) -> list[pl.DataFrame]:
    on_taobao = pl.col("shop") == TAOBAO
    return [
        of_fault("Q21", business.orders, "ship_not_synced"),
        of_fault("Q21", business.orders, "delivery_not_synced"),
        *[of_fault("Q31", business.orders, fault) for fault in ODD_ENDS],
        # Cancelled, and the warehouse sent it all the same.
        of_fault("Q31", business.orders, "shipped_after_cancel"),
        of_fault("Q31", business.orders, "shipped_after_refund"),
        # Taobao's export tells no time of closing: what left before it cannot be told apart.
        of_fault("Q31", business.orders.filter(on_taobao), "refund_in_transit"),
    ]
