"""What becomes of the cases: their kinds, pauses, rulings, compensation, and the goods that come back.

`cases` draws returns that go well; here some become something else and the faults are made. All of
it uses dice of its own.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from ingestion.demo.orders import NEVER
from ingestion.demo.plan import DAY, HOUR, MINUTE, DemoPlan

_STEPS = (
    "evidence_asked", "evidence_given", "approved", "compensated", "return_shipped", "received",
    "qc", "intervened", "arbitrated", "refund_sent", "refund_failed", "refunded",
    "exchange_shipped", "repaired", "closed",
)  # fmt: skip
# From which step on a case with the fault never goes.
_STOPS_AT = {
    "case_undecided": "approved",
    "return_overdue": "return_shipped",
    "return_wrong_item": "qc",
    "qc_overdue": "qc",
    "refund_overdue": "refund_sent",
}
# The moment a fault is dated by, and how long before the present it lies.
_DATED_BY = {
    "case_undecided": ("requested", 26 * HOUR, 70 * HOUR),
    "return_overdue": ("approved", 13 * DAY, 17 * DAY),
    "return_wrong_item": ("received", 8 * HOUR, 40 * HOUR),
    "qc_overdue": ("received", 52 * HOUR, 90 * HOUR),
    "refund_overdue": ("qc", 8 * DAY, 10 * DAY),
}
WITHOUT_GOODS = ("refund_without_goods", "refund_without_case")
UNPAID, SHORT = "compensation_unpaid", "compensation_short"
FAULTS = frozenset(
    {*_STOPS_AT, *WITHOUT_GOODS, "refund_too_much", "refund_twice", "refund_line_wrong",
     "refund_line_missing", "refund_above_share", UNPAID, SHORT}
)  # fmt: skip


def _moved(plan: DemoPlan, cases: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Cases with a fault at the time that makes it one, and stopped where it stops."""
    for fault, (anchor, newest, oldest) in _DATED_BY.items():
        is_it = pl.col("fault") == fault
        at = pl.Series("at", plan.until_s - rng.integers(newest, oldest, cases.height))
        stages = list(_STEPS[_STEPS.index(_STOPS_AT[fault]) :])
        dated = ["requested", "approved", "return_shipped", "received", "qc"]
        shift = at - pl.col(f"planned_{anchor}")
        cases = cases.with_columns(
            pl.when(is_it).then(pl.col(f"planned_{name}") + shift).otherwise(pl.col(name)).alias(name)
            for name in dated
        ).with_columns(
            pl.when(is_it).then(NEVER).otherwise(pl.col(name)).alias(name)
            for name in stages
            if name in cases.columns
        )  # fmt: skip
    return cases


def with_outcomes(plan: DemoPlan, cases: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Adds kind, passed, failed, the split of a compensation, and the moments of `_STEPS`."""
    cases = _moved(plan, cases, rng)
    roll, second = (pl.Series(rng.random(cases.height)) for _ in range(2))
    calm = pl.col("fault") == ""
    kind = (
        pl.when(~calm | (roll < 0.70)).then(pl.lit("RETURN"))
        .when(roll < 0.84).then(pl.lit("EXCHANGE"))
        .when(roll < 0.90).then(pl.lit("REPAIR"))
        .otherwise(pl.lit("REFUND"))
    )  # fmt: skip
    end = (
        pl.when(~calm).then(pl.lit("")).when(second < 0.05).then(pl.lit("withdrawn"))
        .when(second < 0.09).then(pl.lit("rejected")).otherwise(pl.lit(""))
    )  # fmt: skip
    cases = cases.with_columns(kind=kind, end=end, second=second, failed=pl.lit(0, pl.Int64))
    many = (pl.col("quantity") > 1) & calm & (pl.col("kind") == "RETURN")
    cases = cases.with_columns(
        asked="amount",
        failed=pl.when(many & (second > 0.5)).then(1).otherwise(0),
    ).with_columns(passed=pl.col("quantity") - pl.col("failed"))
    cases = cases.with_columns(amount=pl.col("amount") * pl.col("passed") // pl.col("quantity"))
    too_much = pl.col("fault") == "refund_too_much"
    cases = cases.with_columns(
        amount=pl.when(too_much)
        .then(pl.col("captured") + 1_500)
        .when(pl.col("fault") == "refund_above_share")
        .then(pl.col("amount") + 100)
        .otherwise(pl.col("amount"))
    )
    return _compensated(plan, _timed(cases), rng).drop("second", "^planned_.*$")


def _when(condition: pl.Expr, value: pl.Expr | str) -> pl.Expr:
    moment = pl.col(value) if isinstance(value, str) else value
    return pl.when(condition).then(moment).otherwise(NEVER)


def _timed(cases: pl.DataFrame) -> pl.DataFrame:
    """The moments that follow from kind and end."""
    ended, kind = pl.col("end") != "", pl.col("kind")
    is_asked = (pl.col("second") > 0.85) & (pl.col("fault") == "") & ~ended
    is_asked &= pl.col("approved") > pl.col("requested") + HOUR
    ruled = (pl.col("second") > 0.2) & (pl.col("second") < 0.23) & (kind == "RETURN") & ~ended
    ruled &= (pl.col("refunded") != NEVER) & (pl.col("qc") != NEVER)
    # A platform that rules for the buyer makes a refund without goods right.
    ruled &= ~pl.col("fault").is_in(WITHOUT_GOODS)
    cases = cases.with_columns(
        withdrawn=_when(pl.col("end") == "withdrawn", "approved"),
        rejected=_when(pl.col("end") == "rejected", "approved"),
        evidence_asked=_when(is_asked, pl.col("requested") + 10 * MINUTE),
        evidence_given=_when(is_asked, pl.col("approved") - 15 * MINUTE),
        intervened=_when(ruled, pl.col("qc") + 10 * MINUTE),
        arbitrated=_when(ruled, pl.col("qc") + 40 * MINUTE),
        exchange_shipped=_when((kind == "EXCHANGE") & ~ended, "refunded"),
        repaired=_when((kind == "REPAIR") & ~ended, "refunded"),
    )
    no_goods = ended | (kind == "REFUND") | pl.col("fault").is_in(WITHOUT_GOODS)
    no_money = ended | kind.is_in(["EXCHANGE", "REPAIR"])
    return cases.with_columns(
        *[_when(~ended, name).alias(name) for name in ("approved", "closed")],
        *[_when(~no_goods, name).alias(name) for name in ("return_shipped", "received", "qc")],
        *[_when(~no_money, name).alias(name) for name in
          ("refund_sent", "refund_failed", "refunded")],
    )  # fmt: skip


def _compensated(plan: DemoPlan, cases: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """A tenth of the returns is also compensated; three bear it, to the cent."""
    chance = pl.Series(rng.random(cases.height))
    is_due = ((chance < 0.10) & (pl.col("fault") == "")) | pl.col("fault").is_in([UNPAID, SHORT])
    is_due &= pl.col("approved") != NEVER
    agreed = _when(is_due, pl.col("approved") + 20 * MINUTE)
    total = pl.col("asked") // 10
    cases = cases.with_columns(
        compensated=pl.when(agreed > plan.until_s).then(NEVER).otherwise(agreed),
        compensation=pl.when(is_due).then(total).otherwise(0),
    ).with_columns(
        supplier_part=pl.col("compensation") * 6 // 10,
        platform_part=pl.col("compensation") // 10,
    )
    is_paid = (pl.col("compensated") != NEVER) & (pl.col("fault") != UNPAID)
    paid = _when(is_paid, pl.col("compensated") + 3 * HOUR)
    half = pl.col("fault") == SHORT
    return cases.with_columns(
        ecom_part=pl.col("compensation") - pl.col("supplier_part") - pl.col("platform_part"),
        made_good=pl.col("compensation") // pl.when(half).then(2).otherwise(1),
        compensation_paid=pl.when(paid > plan.until_s).then(NEVER).otherwise(paid),
        waybill=pl.format("SFR{}", "case_no"),
    )


def make_receipts(
    plan: DemoPlan, cases: pl.DataFrame, orders: pl.DataFrame, lines: pl.DataFrame,
    rng: np.random.Generator,
) -> pl.DataFrame:  # fmt: skip
    """One row per receipt of returned goods: receipt_no, shop, n, order_id, case_no, waybill, sku,
    quantity, passed, failed, received, qc, fault. Half name their case, half only the waybill."""
    back = cases.filter(pl.col("received") != NEVER)
    is_wrong = pl.col("fault") == "return_wrong_item"
    of_cases = back.select(
        "n", "shop", "fault", "received", "qc", "passed", "failed", "quantity",
        receipt_no=pl.format("RN{}", "case_no"),
        order_id=pl.lit(""),
        case_no=pl.when(pl.col("n") % 2 == 0).then(pl.col("case_no")).otherwise(pl.lit("")),
        waybill="waybill",
        sku=pl.when(is_wrong).then(pl.lit("SKU99999")).otherwise(pl.col("sku")),
    )  # fmt: skip
    first = lines.group_by("n", maintain_order=True).first().select("n", "sku")
    stray = orders.filter(pl.col("fault") == "return_unannounced").join(first, on="n")
    at = pl.Series("received", plan.until_s - rng.integers(3 * HOUR, 9 * DAY, stray.height))
    waiting = cases.filter(
        pl.col("fault").is_in(["", "return_overdue"]) & (pl.col("approved") != NEVER) & (pl.col("received") == NEVER)
        & (pl.col("kind") != "REFUND")
    ).sort("approved", "n").group_by("shop", maintain_order=True).agg(
        awaited=pl.col("sku").first(), since=pl.col("approved").first()
    )  # fmt: skip
    stray = stray.with_columns(at).join(waiting, on="shop", how="left", maintain_order="left")
    is_nameless = pl.col("place") % 3 == 2
    # What a case waits for comes after it was agreed to.
    expected = pl.min_horizontal(pl.col("since") + 10 * HOUR, pl.lit(plan.until_s - HOUR))
    is_awaited = is_nameless & pl.col("since").is_not_null()
    arrived = pl.when(is_awaited).then(pl.max_horizontal("received", expected))
    unannounced = stray.with_row_index("place").select(
        "n", "shop", "fault", arrived.otherwise(pl.col("received")).alias("received"), qc=pl.lit(NEVER), passed=pl.lit(0), failed=pl.lit(0),
        quantity=pl.lit(1), receipt_no=pl.format("RNX{}", "n"),
        # Every third box says nothing but its waybill; what is in it, a case of its shop waits for.
        order_id=pl.when(is_nameless).then(pl.lit("")).otherwise(pl.col("order_id")),
        case_no=pl.lit(""), waybill=pl.format("SFX{}", "n"),
        sku=pl.when(is_nameless).then(pl.coalesce("awaited", "sku")).otherwise(pl.col("sku")),
    )  # fmt: skip
    return pl.concat([of_cases, unannounced], how="vertical_relaxed").sort("received", "receipt_no")
