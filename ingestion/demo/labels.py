"""What is wrong in the generated business, and which queue has to find it.

The labels come from the generated lives, never from the pipeline: an order waits too long here
because its moments say so, whatever the warehouse makes of the exported files.
"""

from __future__ import annotations

import polars as pl

from ingestion.demo.orders import NEVER
from ingestion.demo.plan import DAY, HOUR, TAOBAO, WAREHOUSE, DemoPlan

SHIP_BUDGET_S, SHIP_WARNING = 48 * HOUR, 0.8
_BY_FAULT: dict[str, tuple[str, ...]] = {
    "order_missing": ("Q01",),
    "sku_missing": ("Q02",),
    "address_missing": ("Q02",),
    "payment_short": ("Q06",),
    "payment_over": ("Q06",),
    "payment_double": ("Q06",),
    "buyer_urges": ("Q17",),
    "parcel_exception": ("Q23",),
    "parcel_silent": ("Q24",),
    "delivered_not_received": ("Q25",),
    "bill_line_missing": ("Q33",),
    "bill_amount_wrong": ("Q33",),
    "bill_line_double": ("Q33",),
    "refund_failed": ("Q28",),
}
SCHEMA = {
    "queue_code": pl.String, "entity_type": pl.String, "entity_id": pl.String,
    "order_id": pl.String, "fault": pl.String,
}  # fmt: skip


def _of_orders(queue: str, orders: pl.DataFrame) -> pl.DataFrame:
    return orders.select(
        queue_code=pl.lit(queue),
        entity_type=pl.lit("order"),
        entity_id="order_id",
        order_id="order_id",
        fault="fault",
    )


def _of_entities(queue: str, kind: str, ids: list[str], fault: str) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "queue_code": queue,
                "entity_type": kind,
                "entity_id": i,
                "order_id": "",
                "fault": fault,
            }
            for i in ids
        ],
        schema=SCHEMA,
    )


def make_labels(plan: DemoPlan, orders: pl.DataFrame, demand: pl.DataFrame, oversold: pl.DataFrame,
                drifted: list[str], broken_files: list[str]) -> pl.DataFrame:  # fmt: skip
    """queue_code, entity_type (order, stock, file), entity_id, order_id, fault: open at `until`."""
    until = plan.until_s
    alive = (pl.col("cancelled") == NEVER) | (pl.col("cancelled") > until)
    exported = pl.col("fault") != "order_missing"
    unpaid = ~pl.col("is_cod") & ((pl.col("paid") == NEVER) | (pl.col("paid") > until))
    confirmed = pl.when(pl.col("is_cod")).then(pl.col("placed")).otherwise(pl.col("paid"))
    waiting = (confirmed != NEVER) & (confirmed <= until) & alive & exported
    waiting &= (pl.col("handed") == NEVER) | (pl.col("handed") > until)
    undecided = (pl.col("reviewed") == NEVER) | (pl.col("reviewed") > until)
    unserved = demand.join(oversold, on="sku").filter(pl.col("running") > pl.col("sellable"))

    parts = [
        _of_orders(queue, orders.filter(pl.col("fault") == fault))
        for fault, queues in _BY_FAULT.items()
        for queue in queues
    ]
    parts += [
        _of_orders(
            "Q04", orders.filter(unpaid & alive & exported & (pl.col("placed") <= until - DAY))
        ),
        _of_orders("Q07", orders.filter(waiting & (pl.col("risk") != "") & undecided)),
        _of_orders(
            "Q17", orders.filter(waiting & (confirmed <= until - int(SHIP_BUDGET_S * SHIP_WARNING)))
        ),
        _of_orders(
            "Q33", orders.filter((pl.col("fault") == "order_missing") & (pl.col("shop") == TAOBAO))
        ),
        _of_orders(
            "Q11", orders.join(unserved.select("n").unique(), on="n", how="semi")
        ).with_columns(fault=pl.lit("oversold")),
        _of_entities("Q14", "stock", [f"{sku}@{WAREHOUSE}" for sku in drifted], "stock_drift"),
        _of_entities("Q36", "file", broken_files, "broken_row"),
    ]
    return pl.concat(parts).unique(["queue_code", "entity_id"]).sort("queue_code", "entity_id")
