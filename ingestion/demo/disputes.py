"""Chargebacks of the Shopify shop: what buyers had their banks take back, and how it ended.

Which orders these are is no matter of chance, so that nothing else of the business changes with them.
"""

from __future__ import annotations

import polars as pl

from ingestion.demo.formats import (
    Outbound,
    by_day,
    day_text,
    iso_time,
    local_day,
    money,
    ndjson_bytes,
)
from ingestion.demo.orders import NEVER
from ingestion.demo.plan import DAY, HOUR, LOCAL_OFFSET, SHOPIFY, DemoPlan

_ENDS = ("needs_response", "won", "lost", "needs_response", "won")
_OPENED_AFTER, _DECIDED_AFTER = 5 * DAY, 9 * DAY  # after the delivery; after it was opened


def disputed(plan: DemoPlan, orders: pl.DataFrame) -> pl.DataFrame:
    """n, native_id, captured, state, opened, decided (NEVER: not yet): plain orders, the first ones."""
    plain = orders.filter(
        (pl.col("shop") == SHOPIFY)
        & (pl.col("fault") == "")
        & (pl.col("risk") == "")
        & ~pl.col("is_cod")
        & (pl.col("cancelled") == NEVER)
        & pl.col("delivered").is_between(plan.until_s - 40 * DAY, plan.until_s - 18 * DAY)
    ).sort("native_id")
    states = list(_ENDS)[: plain.height]
    return (
        plain.head(len(states))
        .with_columns(state=pl.Series(states), opened=pl.col("delivered") + _OPENED_AFTER)
        .select(
            "n", "native_id", "captured", "state", "opened",
            decided=pl.when(pl.col("state") == "needs_response")
            .then(NEVER).otherwise(pl.col("opened") + _DECIDED_AFTER),
        )
    )  # fmt: skip


def write_disputes(plan: DemoPlan, out: Outbound, orders: pl.DataFrame) -> None:
    """Each dispute is listed the day it is opened, and again the day it is decided."""
    found = disputed(plan, orders)
    opened = found.with_columns(
        at="opened", state=pl.lit("needs_response"), decided=pl.lit(NEVER, pl.Int64)
    )
    decided = found.filter(pl.col("decided") != NEVER).with_columns(at="decided")
    rows = pl.concat([opened, decided], how="vertical_relaxed").select(
        day=local_day("at"),
        id=pl.col("n") + 400_000_000,
        order_id="native_id",
        type=pl.lit("chargeback"),
        amount=money("captured"),
        currency=pl.lit("USD"),
        reason=pl.lit("product_not_received"),
        network_reason_code=pl.lit("4855"),
        status="state",
        initiated_at=iso_time("opened"),
        finalized_on=iso_time("decided"),
    )
    for day, frame in by_day(rows):
        arrived = min((day + 1) * DAY - LOCAL_OFFSET + HOUR, plan.until_s)
        body = b'{"disputes": [' + b",".join(ndjson_bytes(frame).splitlines()) + b"]}"
        out.write("shopify", SHOPIFY, f"disputes-{day_text(day)}.json", body, arrived)
