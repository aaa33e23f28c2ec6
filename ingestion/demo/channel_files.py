"""What the channels show of their orders, and since when: Taobao's trades, Shopify's parcel events.

A channel that was not told of a parcel shows the order as it was before.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from ingestion.demo.formats import Outbound, by_day, day_text, iso_time, local_day, ndjson_bytes
from ingestion.demo.formats import local_time as local
from ingestion.demo.orders import NEVER
from ingestion.demo.plan import DAY, HOUR, LOCAL_OFFSET, MINUTE, SHOPIFY, TAOBAO, DemoPlan

UNTOLD = "ship_not_synced"
UNSIGNED = "delivery_not_synced"
# What only the channel says: closed while the warehouse has it, finished while the parcel moves.
ODD_ENDS = {
    "closed_on_channel": ("TRADE_CLOSED", "released", 20 * MINUTE),
    "finished_on_the_way": ("TRADE_FINISHED", "handed", 6 * HOUR),
}


def as_told(orders: pl.DataFrame) -> pl.DataFrame:
    """The orders as their channels know them: some were not told that a parcel has left."""
    untold = pl.col("fault") == UNTOLD
    return orders.with_columns(
        pl.when(untold).then(NEVER).otherwise(pl.col(name)).alias(name)
        for name in ("handed", "delivered", "completed")
    )


def write_trades(plan: DemoPlan, out: Outbound, orders: pl.DataFrame, parcels: pl.DataFrame,
                 rng: np.random.Generator) -> None:  # fmt: skip
    """Taobao's increments: each trade whenever its status changed, a minute or two after the fact."""
    on_taobao = as_told(orders.filter(pl.col("shop") == TAOBAO))
    waybills = parcels.filter(pl.col("parcel") == 1).select("n", "tracking_number")
    known = on_taobao.join(waybills, on="n", how="left", maintain_order="left").with_columns(
        wait=pl.Series(rng.integers(5, 4 * MINUTE, on_taobao.height))
    )
    was_paid = pl.col("paid") != NEVER
    steps = [
        ("placed", pl.lit("WAIT_BUYER_PAY"), pl.lit(0)),
        ("paid", pl.lit("WAIT_SELLER_SEND_GOODS"), pl.col("wait") // 4),
        ("handed", pl.lit("WAIT_BUYER_CONFIRM_GOODS"), pl.col("wait")),
        ("completed", pl.lit("TRADE_FINISHED"), pl.lit(0)),
        ("cancelled", pl.when(was_paid).then(pl.lit("TRADE_CLOSED"))
         .otherwise(pl.lit("TRADE_CLOSED_BY_TAOBAO")), pl.col("wait") // 4),
    ]  # fmt: skip
    steps += [
        (moment, pl.lit(status), pl.when(pl.col("fault") == fault).then(pl.lit(wait)))
        for fault, (status, moment, wait) in ODD_ENDS.items()
    ]
    changes = pl.concat(
        known.filter(pl.col(moment) != NEVER).with_columns(
            at=(pl.col(moment) + wait).cast(pl.Int64), status=status,
            shipped=status == "WAIT_BUYER_CONFIRM_GOODS",
        )
        for moment, status, wait in steps
    ).filter(pl.col("at") <= plan.until_s).sort("at", "n")  # fmt: skip
    part = pl.struct(
        oid=pl.col("native_id") + 1,
        invoice_no="tracking_number",
        logistics_company=pl.lit("顺丰速运"),
        consign_time=local("at"),
    )
    rows = changes.select(
        day=local_day("at"),
        tid="native_id",
        status="status",
        created=local("placed"),
        modified=local("at"),
        orders=pl.struct(order=pl.when(pl.col("shipped")).then(pl.concat_list(part))
                         .otherwise(pl.concat_list(part).list.head(0))),
    )  # fmt: skip
    for day, frame in by_day(rows):
        arrived = min((day + 1) * DAY - LOCAL_OFFSET + HOUR, plan.until_s)
        name = f"trades-{day_text(day)}.jsonl"
        out.write("taobao", TAOBAO, name, ndjson_bytes(frame), arrived)


def _expected(plan: DemoPlan, parcels: pl.DataFrame, orders: pl.DataFrame) -> pl.DataFrame:
    """Of some parcels the carrier says when they will be there, and a little later another time."""
    under_way = parcels.filter(
        (pl.col("shop") == SHOPIFY) & (pl.col("fault") == "") & (pl.col("n") % 7 == 3)
        & (pl.col("delivered") != NEVER)
    ).join(orders.select("n", "native_id"), on="n", how="inner", maintain_order="left")  # fmt: skip
    # First too soon, then with some hours to spare; a parcel is never on its way for less.
    words = ((8 * HOUR, -5 * HOUR, 510_000_000), (16 * HOUR, 6 * HOUR, 520_000_000))
    return (
        pl.concat(
            under_way.with_columns(
                at=(pl.col("handed") + after).cast(pl.Int64),
                hoped=(pl.col("delivered") + off).cast(pl.Int64),
                number=pl.col("n") * 10 + pl.col("parcel") + base,
            )
            for after, off, base in words
        )
        .filter(pl.col("at") <= plan.until_s)
        .sort("at", "n", "parcel")
        .select(
            day=local_day("at"),
            id="number",
            fulfillment_id=pl.col("n") * 10 + pl.col("parcel") + 700_000_000,
            order_id="native_id",
            status=pl.lit("in_transit"),
            happened_at=iso_time("at"),
            created_at=iso_time("at"),
            estimated_delivery_at=iso_time("hoped"),
        )
    )


def write_parcel_events(plan: DemoPlan, out: Outbound, parcels: pl.DataFrame,
                        orders: pl.DataFrame) -> None:  # fmt: skip
    """Deliveries as they were told to Shopify, some minutes after the carrier's last scan."""
    silent = ("parcel_silent", "parcel_lost", "parcel_exception", "no_first_scan", UNSIGNED, UNTOLD)
    told = (
        parcels.filter((pl.col("shop") == SHOPIFY) & ~pl.col("fault").is_in(silent))
        .filter(pl.col("delivered") != NEVER)
        .with_columns(at=(pl.col("delivered") + 6 * MINUTE).cast(pl.Int64))
        .filter(pl.col("at") <= plan.until_s)
        .join(orders.select("n", "native_id"), on="n", how="inner", maintain_order="left")
        .sort("at", "n", "parcel")
    )
    rows = told.select(
        day=local_day("at"),
        id=pl.col("n") * 10 + pl.col("parcel") + 500_000_000,
        fulfillment_id=pl.col("n") * 10 + pl.col("parcel") + 700_000_000,
        order_id="native_id",
        status=pl.lit("delivered"),
        happened_at=iso_time("delivered"),
        created_at=iso_time("at"),
        estimated_delivery_at=pl.lit(None, pl.String),
    )
    for day, frame in by_day(pl.concat([_expected(plan, parcels, orders), rows])):
        arrived = min((day + 1) * DAY - LOCAL_OFFSET + HOUR, plan.until_s)
        name = f"fulfillment_events-{day_text(day)}.jsonl"
        out.write("shopify", SHOPIFY, name, ndjson_bytes(frame), arrived)
