"""Orders that are missing, incomplete, unpaid for too long or late to ship."""

from __future__ import annotations

import polars as pl

from ingestion.demo.business import Business
from ingestion.demo.labels.shape import of_fault, of_orders
from ingestion.demo.plan import DAY, HOUR

# A hold for one of these causes stops the promise to ship.
PAUSED = (
    "address_missing", "region_mismatch", "out_of_area", "undeliverable", "channel_alert",
    "refund_pending",
)  # fmt: skip
SHIP_BUDGET_S, SHIP_WARNING = 48 * HOUR, 0.8


def labels(business: Business) -> list[pl.DataFrame]:
    orders, until = business.orders, business.plan.until_s
    forgotten = business.is_unpaid & business.is_alive & business.is_exported
    late = pl.col("confirmed") <= until - int(SHIP_BUDGET_S * SHIP_WARNING)
    return [
        of_fault("Q01", orders, "order_missing"),
        of_fault("Q33", orders, "order_missing"),
        of_fault("Q02", orders, "sku_missing"),
        of_fault("Q02", orders, "sku_unknown"),
        of_fault("Q02", orders, "address_missing"),
        of_orders("Q04", orders.filter(forgotten & (pl.col("placed") <= until - DAY))),
        of_fault("Q17", orders, "buyer_urges"),
        of_orders("Q17", orders.filter(business.is_waiting & late & ~pl.col("risk").is_in(PAUSED))),
    ]
