"""What is wrong in the generated business, and which queue has to find it.

The labels come from the generated lives, never from the pipeline: an order waits too long here
because its moments say so, whatever the warehouse makes of the exported files. One module a domain.
"""

from __future__ import annotations

import polars as pl

from ingestion.demo.business import Business
from ingestion.demo.labels import (
    after_sales,
    channels,
    complaints,
    files,
    fulfilment,
    incidents,
    money,
    orders,
    parcels,
    process,
    review,
    stock,
    suppliers,
)

_DOMAINS = (
    orders,
    review,
    parcels,
    money,
    stock,
    files,
    after_sales,
    fulfilment,
    process,
    channels,
    complaints,
    incidents,
    suppliers,
)


def make_labels(business: Business) -> pl.DataFrame:
    """queue_code, entity_type (order, stock, file), entity_id, order_id, fault: open at `until`."""
    parts = [part for domain in _DOMAINS for part in domain.labels(business)]
    return pl.concat(parts).unique(["queue_code", "entity_id"]).sort("queue_code", "entity_id")
