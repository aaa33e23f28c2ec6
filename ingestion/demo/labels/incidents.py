"""Incidents that are not settled."""

from __future__ import annotations

import polars as pl

from ingestion.demo.business import Business
from ingestion.demo.incidents import UNPLANNED, UNREPORTED, UNREVIEWED
from ingestion.demo.labels.shape import of_entities, of_fault


def labels(business: Business) -> list[pl.DataFrame]:
    unplanned = business.incidents.filter(pl.col("fault") == UNPLANNED).unique("incident_no")
    names = [f"{shop}-{number}" for number, shop in unplanned.select("incident_no", "shop").rows()]
    return [
        of_fault("Q35", business.orders, UNREPORTED),
        of_fault("Q35", business.orders, UNREVIEWED),
        of_entities("Q35", "incident", names, UNPLANNED),
    ]
