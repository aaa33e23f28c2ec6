"""Orders that wait for somebody's decision, and what they wait for."""

from __future__ import annotations

import polars as pl

from ingestion.demo.business import Business
from ingestion.demo.labels.shape import of_orders
from ingestion.demo.plan import HOUR

FINANCE = ("payment_gap", "value_finance")
BLOCKED = ("blacklisted",)
# How old a hold for a cause may get.
HELD = {
    "address_missing": 24 * HOUR, "region_mismatch": 24 * HOUR, "out_of_area": 24 * HOUR,
    "undeliverable": 24 * HOUR, "channel_alert": 24 * HOUR, "refund_pending": 24 * HOUR,
    "sku_missing": 8 * HOUR, "duplicate_order": 4 * HOUR, "label_failed": 4 * HOUR,
}  # fmt: skip


def labels(business: Business) -> list[pl.DataFrame]:
    until = business.plan.until_s
    waiting = business.orders.filter(business.is_waiting & ~business.had("reviewed"))
    risky = waiting.filter(pl.col("risk") != "")
    since = (
        pl.when(pl.col("refund_asked") > 0).then(pl.col("refund_asked"))
        .when(pl.col("label_failed") > 0).then(pl.col("label_failed"))
        .otherwise(pl.col("confirmed"))
    )  # fmt: skip
    cause = (
        pl.when(pl.col("fault") == "label_failed").then(pl.col("fault")).otherwise(pl.col("risk"))
    )
    age = cause.replace_strict(HELD, default=None)
    elsewhere = (*FINANCE, *BLOCKED, *HELD)
    return [
        of_orders("Q07", risky.filter(~pl.col("risk").is_in(elsewhere))),
        of_orders("Q08", risky.filter(pl.col("risk").is_in(FINANCE))),
        of_orders("Q06", risky.filter(pl.col("risk") == "payment_gap")),
        of_orders("Q09", waiting.filter(since + age <= until)),
        of_orders(
            "Q10",
            risky.filter(pl.col("risk").is_in([*BLOCKED, "address_cluster", "refunds_often"])),
        ),
        of_orders("Q03", risky.filter(pl.col("risk") == "duplicate_order")),
    ]
