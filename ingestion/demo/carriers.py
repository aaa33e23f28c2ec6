"""What the carrier wants for the parcels, passes on of their cash and pays for its mistakes."""

from __future__ import annotations

import numpy as np
import polars as pl

from ingestion.demo.formats import (
    Outbound,
    by_day,
    csv_bytes,
    day_text,
    local_day,
    local_time,
    money,
)
from ingestion.demo.orders import NEVER
from ingestion.demo.plan import DAY, HOUR, LOCAL_OFFSET, SHOPIFY, TAOBAO, DemoPlan

BASE_CENTS, STEP_CENTS = 1_200, 250
COD_TERMS = 5  # days until cash is passed on
_CLAIM_EVERY = 211  # one delivered order in so many was damaged by the carrier, and paid for


def weighed(parcels: pl.DataFrame) -> pl.DataFrame:
    """`parcels` with `grams`: the weight of each, which the warehouse writes down as it leaves."""
    return parcels.with_columns(grams=300 + (pl.col("n") * 7 + pl.col("parcel") * 3) % 390 * 10)


def write_account(plan: DemoPlan, out: Outbound, orders: pl.DataFrame, parcels: pl.DataFrame,
                  rng: np.random.Generator) -> None:  # fmt: skip
    """Bills of each week, remittances of each day and claims of each day, by shop."""
    sent = weighed(parcels).filter(pl.col("handed") <= plan.until_s)
    charges = _charges(plan, sent, rng)
    cash = _remittances(plan, orders, sent)
    claims = _claims(plan, orders, sent)
    for shop in (TAOBAO, SHOPIFY):
        for stem, frame in (("bill", charges), ("cod", cash), ("claims", claims)):
            for day, rows in by_day(frame.filter(pl.col("shop") == shop).drop("shop")):
                arrived = min((day + 1) * DAY - LOCAL_OFFSET + 9 * HOUR, plan.until_s)
                name = f"{stem}-{day_text(day)}.csv"
                out.write("carrier_account", shop, name, csv_bytes(rows), arrived)


def _charges(plan: DemoPlan, sent: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """A bill each Sunday for the week before it; `freight_wrong` is charged a kilogram or two more."""
    steps = (pl.max_horizontal(pl.col("grams") - 1_000, 0) + 999) // 1_000
    extra = pl.Series("extra", rng.integers(1, 3, sent.height))
    is_wrong = pl.col("fault") == "freight_wrong"
    more = pl.when(is_wrong).then(pl.col("extra")).otherwise(0)
    today = (plan.until_s + LOCAL_OFFSET) // DAY
    week = (local_day("handed") + 3) // 7 * 7 + 4  # 1970-01-04 was a Sunday
    return (
        sent.with_columns(extra)
        .filter(pl.col("fault") != "freight_not_billed")
        .with_columns(day=week)
        .filter(pl.col("day") < today)
        .sort("day", "tracking_number")
        .select(
            "day",
            "shop",
            pl.format("SFB{}", "day").alias("账单号"),
            pl.col("tracking_number").alias("运单号"),
            pl.lit("运费").alias("费用类型"),
            kilograms(pl.col("grams") + more * 1_000).alias("计费重量"),
            money(BASE_CENTS + (steps + more) * STEP_CENTS).alias("金额"),
            local_time("handed", "%Y-%m-%d").alias("日期"),
        )
    )


def _remittances(plan: DemoPlan, orders: pl.DataFrame, sent: pl.DataFrame) -> pl.DataFrame:
    first = sent.filter(pl.col("parcel") == 1).select("n", "tracking_number")
    is_kept = pl.col("fault") == "cod_not_remitted"
    return (
        orders.filter(pl.col("is_cod") & (pl.col("cod_collected") != NEVER) & ~is_kept)
        .join(first, on="n")
        .with_columns(day=local_day("cod_collected") + COD_TERMS)
        .filter(pl.col("day") < (plan.until_s + LOCAL_OFFSET) // DAY)
        .with_columns(
            passed=pl.col("captured")
            - pl.when(pl.col("fault") == "cod_short").then(150).otherwise(0)
        )
        .sort("day", "tracking_number")
        .select(
            "day",
            "shop",
            pl.format("COD{}", "day").alias("批次号"),
            pl.col("tracking_number").alias("运单号"),
            money("passed").alias("代收货款金额"),
            pl.lit("USD").alias("币种"),
            pl.from_epoch("day", time_unit="d").dt.strftime("%Y-%m-%d").alias("回款日期"),
        )
    )


def _claims(plan: DemoPlan, orders: pl.DataFrame, sent: pl.DataFrame) -> pl.DataFrame:
    """Filed a day after delivery, accepted three days later, paid after ten more; or never paid."""
    is_unpaid = pl.col("fault") == "claim_unpaid"
    is_paid = (pl.col("n") % _CLAIM_EVERY == 17) & (pl.col("fault") == "")
    claimed = (
        orders.filter((pl.col("delivered") != NEVER) & (is_unpaid | is_paid))
        .join(sent.filter(pl.col("parcel") == 1).select("n", "tracking_number"), on="n")
        .with_columns(paid_in=pl.lit("CNY"))
    )
    steps = [
        claimed.with_columns(at=pl.col("delivered") + days * DAY, state=pl.lit(state))
        for state, days in (("已申请", 1), ("已受理", 4), ("已赔付", 14))
    ]
    return (
        pl.concat(steps)
        .filter(~is_unpaid | (pl.col("state") != "已赔付"))
        .with_columns(day=local_day("at"))
        .filter(pl.col("day") < (plan.until_s + LOCAL_OFFSET) // DAY)
        .sort("at", "n")
        .select(
            "day",
            "shop",
            pl.format("L{}", "n").alias("理赔单号"),
            pl.col("tracking_number").alias("运单号"),
            pl.col("state").alias("状态"),
            local_time("at").alias("时间"),
            pl.lit("50.00").alias("金额"),
            pl.col("paid_in").alias("币种"),
            pl.lit("外包装破损").alias("原因"),
        )
    )


def kilograms(grams: str | pl.Expr) -> pl.Expr:
    """1.25 for 1250 g."""
    value = pl.col(grams) if isinstance(grams, str) else grams
    whole, rest = (value // 1000).cast(pl.String), (value % 1000 // 10).cast(pl.String)
    return pl.concat_str(whole, pl.lit("."), rest.str.zfill(2))
