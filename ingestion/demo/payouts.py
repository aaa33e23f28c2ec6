"""What Shopify pays out: the charges and refunds of a day, two days later in one sum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from ingestion.demo.disputes import disputed
from ingestion.demo.formats import local_day
from ingestion.demo.orders import NEVER
from ingestion.demo.parts import OVERDUE, rests, without_rest
from ingestion.demo.plan import DAY, HOUR, MINUTE, SHOPIFY, DemoPlan

SETTLES_AFTER = 2  # days
UNDERSTATED, NOT_RECEIVED = "payout_understated", "payout_not_received"
_TRUSTED_AGE = 8  # days: old enough for the bank to have it
_DISPUTE_FEE = 1_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Payouts:
    """Amounts in cents.

    Attributes:
        lines: one row per charge or refund: day (it is paid out), id, kind, gross, fee, at,
            transaction, order.
        totals: one row per payout: day, payout, amount (as stated), received (by the bank; null:
            not), fault.
    """

    lines: pl.DataFrame
    totals: pl.DataFrame


def make_payouts(plan: DemoPlan, orders: pl.DataFrame, cases: pl.DataFrame,
                 rng: np.random.Generator) -> Payouts:  # fmt: skip
    """Payouts of the shop up to the present; a few of them are wrong."""
    lines = _lines(plan, orders, cases, rng)
    totals = (
        lines.group_by("day")
        .agg(net=(pl.col("gross") - pl.col("fee")).sum())
        .sort("day")
        .with_columns(payout=pl.col("day") + 500_000_000)
    )
    today = plan.until_s // DAY  # payouts and bank lines carry a date that is read in UTC
    old = totals.filter(pl.col("day") <= today - _TRUSTED_AGE)["day"].to_numpy()
    wrong = rng.permutation(old)[:4].tolist()
    fault = (
        pl.when(pl.col("day").is_in(wrong[:2]))
        .then(pl.lit(UNDERSTATED))
        .when(pl.col("day").is_in(wrong[2:]))
        .then(pl.lit(NOT_RECEIVED))
        .otherwise(pl.lit(""))
    )
    totals = totals.with_columns(fault=fault).with_columns(
        amount=pl.col("net") - pl.when(pl.col("fault") == UNDERSTATED).then(1_250).otherwise(0)
    )
    # The bank books a payout the day after.
    is_booked = (pl.col("fault") != NOT_RECEIVED) & (pl.col("day") < today)
    received = pl.when(is_booked).then(pl.col("amount"))
    return Payouts(lines=lines, totals=totals.with_columns(received=received).drop("net"))


def _lines(plan: DemoPlan, orders: pl.DataFrame, cases: pl.DataFrame,
           rng: np.random.Generator) -> pl.DataFrame:  # fmt: skip
    of_shop = orders.filter((pl.col("shop") == SHOPIFY) & ~pl.col("is_cod"))
    paid = of_shop.filter((pl.col("paid") != NEVER) | (pl.col("fault") == OVERDUE))
    extra = pl.Series("extra", rng.integers(50, 300, paid.height))
    agreed = (pl.col("captured") * 29 + 500) // 1000 + 30
    later = rests(paid, "paid").select(
        "n", "native_id", "fault", id=pl.col("n") * 10 + 2, kind=pl.lit("charge"), at="paid",
        transaction=pl.col("n") * 10 + 900_000_002, gross="captured", fee=agreed,
    )  # fmt: skip
    charges = without_rest(paid, "paid").with_columns(extra).select(
        "n", "native_id", "fault", id=pl.col("n") * 10 + 1, kind=pl.lit("charge"), at="paid",
        transaction=pl.col("n") * 10 + 900_000_001, gross="captured",
        fee=agreed + pl.when(pl.col("fault") == "fee_wrong").then(pl.col("extra")).otherwise(0),
    )  # fmt: skip
    twice = charges.filter(pl.col("fault") == "payment_double").with_columns(
        id=pl.col("id") + 1, transaction=pl.col("transaction") + 1, at=pl.col("at") + 3 * MINUTE
    )
    returned = (
        cases.filter((pl.col("refunded") != NEVER) & (pl.col("shop") == SHOPIFY))
        .join(of_shop.select("n", "native_id"), on="n")
        .select("n", "native_id", "fault", at="refunded", gross=-pl.col("amount"))
    )
    again = returned.filter(pl.col("fault") == "refund_twice").with_columns(pl.col("at") + 2 * HOUR)
    given_back = pl.concat(
        [
            returned.drop("fault"),
            again.drop("fault"),
            paid.filter(pl.col("cancelled") != NEVER)
            .select("n", "native_id", at="cancelled", gross=-pl.col("captured")),
        ],
        how="vertical_relaxed",
    )  # fmt: skip
    refunds = given_back.sort("n", "at").with_columns(
        id=pl.col("n") * 10 + 5 + pl.int_range(pl.len()).over("n"), fault=pl.lit(""),
        kind=pl.lit("refund"),
        transaction=pl.col("n") * 10 + 900_000_009 + pl.int_range(pl.len()).over("n"),
        fee=pl.lit(0, pl.Int64),
    ).select(charges.columns)  # fmt: skip
    today = plan.until_s // DAY
    return (
        pl.concat(
            [charges, twice, later, refunds, _disputes(plan, orders).select(charges.columns)],
            how="vertical_relaxed",
        )
        .filter(pl.col("at") <= plan.until_s)
        .with_columns(day=local_day("at") + SETTLES_AFTER)
        .filter(pl.col("day") <= today)
        .sort("day", "id")
    )


def _disputes(plan: DemoPlan, orders: pl.DataFrame) -> pl.DataFrame:
    """What a buyer's bank takes back leaves with a fee the day it is asked for; both come back with
    a dispute that is won."""
    found = disputed(plan, orders).with_columns(
        kind=pl.lit("dispute"), fault=pl.lit(""), transaction=pl.col("n") * 10 + 900_000_001
    )
    fee = pl.lit(_DISPUTE_FEE, pl.Int64)
    taken = found.with_columns(
        id=pl.col("n") * 10 + 3, at="opened", gross=-pl.col("captured"), fee=fee
    )
    won = found.filter(pl.col("state") == "won").with_columns(
        id=pl.col("n") * 10 + 4, at="decided", gross="captured", fee=-fee
    )
    return pl.concat([taken, won], how="vertical_relaxed")
