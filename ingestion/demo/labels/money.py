"""Payments, bills and refunds that do not match."""

from __future__ import annotations

import polars as pl

from ingestion.demo.business import Business
from ingestion.demo.labels.shape import of_fault


def labels(business: Business) -> list[pl.DataFrame]:
    by_queue = {
        "Q06": ("payment_short", "payment_over", "payment_double"),
        "Q28": ("refund_failed",),
        "Q33": ("bill_line_missing", "bill_amount_wrong", "bill_line_double"),
    }
    return [
        of_fault(queue, business.orders, fault)
        for queue, faults in by_queue.items()
        for fault in faults
    ]
