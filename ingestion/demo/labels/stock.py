"""Orders that cannot be served, and stock that is not what the books say."""

from __future__ import annotations

import polars as pl

from ingestion.demo.business import Business
from ingestion.demo.labels.shape import of_entities, of_orders
from ingestion.demo.plan import WAREHOUSE


def labels(business: Business) -> list[pl.DataFrame]:
    unserved = business.demand.join(business.oversold, on="sku").filter(
        pl.col("running") > pl.col("sellable")
    )
    affected = business.orders.join(unserved.select("n").unique(), on="n", how="semi")
    drifted = [f"{sku}@{WAREHOUSE}" for sku in business.drifted]
    return [
        of_orders("Q11", affected, "oversold"),
        of_entities("Q14", "stock", drifted, "stock_drift"),
    ]
