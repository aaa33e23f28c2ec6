"""Refunds staff decide in the house: which orders they are of, and what the sources tell of them.

What people did about them lives in the ledger; here is what came of it outside: the desk that pays
them and Alipay's bill carry the number of the request. Which orders these are is no matter of chance.
"""

from __future__ import annotations

from hashlib import sha256

import polars as pl

from ingestion.demo.formats import Outbound, local_day, local_time, money
from ingestion.demo.house_files import write_days
from ingestion.demo.orders import NEVER
from ingestion.demo.plan import DAY, HOUR, TAOBAO, DemoPlan
from ingestion.demo.retold import retold

BOOK = "house_refunds.csv"
# What becomes of each, the amount in cents and how many hours ago it was asked for.
STORIES = (
    ("paid", 1_500, 9 * 24), ("paid", 2_000, 6 * 24), ("sent", 1_200, 5), ("waiting", 15_000, 3),
    ("refused", 18_000, 30), ("withdrawn", 12_000, 50),
)  # fmt: skip
_LEAST = 30_000  # cents: nobody is given back more than was paid
_PAID_AFTER = 5 * HOUR


def house_refunds(plan: DemoPlan, orders: pl.DataFrame, cases: pl.DataFrame) -> pl.DataFrame:
    """n, order_id, native_id, captured, number, story, amount (cents), asked, paid (NEVER: not)."""
    plain = (
        orders.filter(
            (pl.col("shop") == TAOBAO)
            & (pl.col("fault") == "")
            & (pl.col("risk") == "")
            & ~pl.col("is_cod")
            & (pl.col("cancelled") == NEVER)
            & (pl.col("captured") > _LEAST)
            & pl.col("delivered").is_between(plan.until_s - 40 * DAY, plan.until_s - 11 * DAY)
        )
        .join(cases.select("n"), on="n", how="anti")
        .join(retold(plan, orders).select("native_id"), on="native_id", how="anti")
        .sort("native_id")
        .head(len(STORIES))
        .select("n", "order_id", "native_id", "captured")
    )
    told = pl.DataFrame(
        {
            "story": [story for story, _, _ in STORIES],
            "amount": [amount for _, amount, _ in STORIES],
            "asked": [plan.until_s - hours * HOUR for _, _, hours in STORIES],
        }
    ).head(plain.height)
    is_paid = pl.col("story") == "paid"
    return pl.concat([plain, told], how="horizontal").with_columns(
        number=pl.Series([_number(order) for order in plain["order_id"]], dtype=pl.String),
        paid=pl.when(is_paid).then(pl.col("asked") + _PAID_AFTER).otherwise(NEVER),
    )


def _number(order_id: str) -> str:
    return f"OHR-{sha256(f'demo {order_id}'.encode()).hexdigest()[:12].upper()}"


def bill_lines(found: pl.DataFrame) -> pl.DataFrame:
    """What Alipay books of them."""
    return found.filter(pl.col("paid") != NEVER).select(
        "native_id", fault=pl.lit(""), at="paid", kind=pl.lit("退款"), gross=-pl.col("amount"),
        refund_no="number", trade=pl.format("2026{}", "native_id"),
    )  # fmt: skip


def write_house_refunds(plan: DemoPlan, out: Outbound, found: pl.DataFrame) -> None:
    """The desk's word on what was paid; and a book for the ledger of the demo, no source."""
    found.select(
        "order_id", "number", "story", "asked", amount=money("amount"), captured=money("captured")
    ).write_csv(out.folder / BOOK)
    rows = found.filter(pl.col("paid") != NEVER).select(
        day=local_day("paid"), refund_no="number", order_no="order_id", case_no=pl.lit(""),
        status=pl.lit("SUCCEEDED"), event_time=local_time("paid"), amount=money("amount"),
        currency=pl.lit("CNY"), kind=pl.lit("GOODWILL"), reason=pl.lit("协商补偿"),
        provider=pl.lit("alipay"), provider_refund_no=pl.lit(""),
    )  # fmt: skip
    write_days(plan, out, "service_desk", TAOBAO, "house-refunds", rows)
