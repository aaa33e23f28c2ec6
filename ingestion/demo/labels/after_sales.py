"""Cases, returned goods and refunds that wait for somebody."""

from __future__ import annotations

import polars as pl

from ingestion.demo.business import Business
from ingestion.demo.labels.shape import of_entities, of_fault, of_orders
from ingestion.demo.orders import NEVER


def labels(business: Business) -> list[pl.DataFrame]:
    orders, cases = business.orders, business.cases
    undecided = cases.filter(
        (pl.col("requested") != NEVER)
        & pl.all_horizontal(pl.col("approved", "rejected", "withdrawn") == NEVER)
    )
    stray = business.receipts.filter(pl.col("fault") == "return_unannounced")
    nameless = stray.filter(pl.col("order_id") == "")
    named = orders.join(stray.filter(pl.col("order_id") != ""), on="n", how="semi")
    return [
        of_orders("Q26", undecided),
        of_fault("Q27", orders, "return_overdue"),
        of_fault("Q27", orders, "return_wrong_item"),
        of_orders("Q27", named),
        of_entities(
            "Q27", "return", nameless.select(pl.format("{}-{}", "shop", "receipt_no"))
            .to_series().to_list(), "return_unannounced",
        ),
        *[
            of_fault("Q29", orders, fault)
            for fault in ("refund_too_much", "refund_twice", "refund_without_goods",
                          "refund_without_case", "shipped_after_refund", "refund_in_transit",
                          "shipped_after_cancel")
        ],
        of_fault("Q28", orders, "qc_overdue"),
        of_fault("Q28", orders, "refund_overdue"),
    ]  # fmt: skip
