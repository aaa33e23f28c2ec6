"""Orders the warehouse is late with or short of."""

from __future__ import annotations

import polars as pl

from ingestion.demo.business import Business
from ingestion.demo.labels.shape import of_fault, of_orders
from ingestion.demo.plan import HOUR

RELEASE_S, ACCEPT_S, PACK_S = 2 * HOUR, HOUR, 24 * HOUR


def labels(business: Business) -> list[pl.DataFrame]:
    orders, until, had = business.orders, business.plan.until_s, business.had
    # Who waits for a person's decision is not confirmed: its time runs from that decision.
    is_clean = (pl.col("risk") == "") | had("reviewed")
    confirmed = pl.max_horizontal("confirmed", "reviewed")
    unreleased = is_clean & ~had("released") & ~had("notified") & (confirmed <= until - RELEASE_S)
    unaccepted = had("released") & ~had("accepted") & (pl.col("released") <= until - ACCEPT_S)
    unpacked = had("accepted") & ~had("packed") & (pl.col("accepted") <= until - PACK_S)
    # The time to pack stands still while a shortage waits for its decision.
    unpacked &= ~had("short") | had("short_decided")
    stuck = business.is_waiting & (unreleased | unaccepted | unpacked)
    return [
        of_orders("Q18", orders.filter(stuck)),
        of_fault("Q19", orders, "pick_short"),
        of_fault("Q22", orders, "no_first_scan"),
    ]
