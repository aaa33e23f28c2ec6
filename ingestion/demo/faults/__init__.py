"""Makes things go wrong, and remembers what: each fault changes the life of a few orders.

One module a domain; each step in `STEPS` draws from a generator of its own, so that a new step
changes nothing for the others but which orders are still free.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from ingestion.demo.faults import (
    after_sales,
    carriers,
    channels,
    complaints,
    fulfilment,
    incidents,
    money,
    orders,
    parcels,
    process,
    review,
    risks,
    service_levels,
    suppliers,
)
from ingestion.demo.faults.maker import FaultMaker
from ingestion.demo.plan import DemoPlan

STEPS: tuple[Callable[[FaultMaker], None], ...] = (
    service_levels.never_shipped,
    service_levels.buyer_urges,
    orders.by_telephone,
    risks.listed,
    risks.finance,
    risks.duplicates,
    risks.clusters,
    risks.refunds_often,
    review.waiting_for_review,
    orders.incomplete,
    review.reviewed_long_ago,
    review.cancels_often,
    parcels.exceptions,
    parcels.not_received,
    parcels.silent,
    service_levels.unpaid,
    money.payments,
    money.bills,
    orders.missing,
    money.refunds,
    after_sales.cases,
    after_sales.stray_goods,
    fulfilment.stuck,
    fulfilment.short,
    fulfilment.no_first_scan,
    process.shipped_before_paid,
    process.shipped_after_cancel,
    process.refund_without_inspection,
    process.edited_late,
    after_sales.wrong_refunds,
    complaints.waiting,
    review.trusted,
    risks.labels,
    risks.manual,
    risks.held,
    channels.ship_not_synced,
    channels.delivery_not_synced,
    carriers.accounts,
    incidents.errors,
    parcels.lost,
    channels.odd_ends,
    suppliers.routed,
    money.refund_accounts,
    money.invoices,
    money.topped_up,
    process.shipped_uninsured,
    money.presold,
    money.rest_overdue,
)


def with_faults(
    plan: DemoPlan, drawn: pl.DataFrame, drawn_lines: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Orders and lines with their faults."""
    maker = FaultMaker(plan, drawn, drawn_lines)
    for step in STEPS:
        maker.rng = plan.rng(f"faults/{step.__module__}.{step.__name__}")
        step(maker)
    return maker.frames()
