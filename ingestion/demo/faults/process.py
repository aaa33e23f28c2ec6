"""Things done in the wrong order, or left out: nothing is late and no money is missing."""

from __future__ import annotations

import numpy as np

from ingestion.demo.faults.maker import FaultMaker
from ingestion.demo.orders import NEVER
from ingestion.demo.plan import DAY, HOUR, MINUTE, SHOPIFY


def shipped_before_paid(maker: FaultMaker) -> None:
    """The parcel left on somebody's word; the money came a few hours later."""
    chosen = maker.choose("shipped_before_paid", maker.settled_long_ago & _is_over(maker))
    wait = maker.rng.integers(HOUR, 3 * HOUR, len(chosen))
    maker.columns["paid"][chosen] = maker.columns["handed"][chosen] + wait


def shipped_after_cancel(maker: FaultMaker) -> None:
    """Cancelled and refunded minutes after it was paid, but the warehouse was never told."""
    columns = maker.columns
    fickle = np.unique(columns["buyer"][columns["cancelled"] != NEVER])
    calm = ~np.isin(columns["buyer"], fickle)  # nobody cancels often because of this
    chosen = maker.choose("shipped_after_cancel", maker.settled_long_ago & _is_over(maker) & calm)
    wait = maker.rng.integers(5 * MINUTE, 20 * MINUTE, len(chosen))
    columns["cancelled"][chosen] = columns["paid"][chosen] + wait
    columns["completed"][chosen] = NEVER


def shipped_uninsured(maker: FaultMaker) -> None:
    """Dear goods that a person let through, and that left like any others."""
    columns = maker.columns
    dear = (columns["risk"] == "value_outlier") & (columns["reviewed"] != NEVER) & maker.lives
    candidates = np.flatnonzero(dear & (columns["fault"] == ""))
    count = min(maker.plan.fault_count("shipped_uninsured"), len(candidates))
    columns["fault"][maker.rng.choice(candidates, count, replace=False)] = "shipped_uninsured"


def refund_without_inspection(maker: FaultMaker) -> None:
    """The goods came back and were refunded unseen."""
    delivered = maker.lives & maker.between(maker.columns["delivered"], 40 * DAY, 16 * DAY)
    maker.choose("refund_without_inspection", delivered & ~maker.columns["is_cod"])


def edited_late(maker: FaultMaker) -> None:
    """The shop changed a quantity or the address when the warehouse had the order already."""
    over = maker.lives & _is_over(maker) & (maker.columns["shop"] == SHOPIFY)
    maker.choose("edited_late", over)


def _is_over(maker: FaultMaker) -> np.ndarray:
    return maker.between(maker.columns["completed"], 60 * DAY, DAY) & ~maker.columns["is_split"]
