"""Complaints: most are answered in time and settled, some wait for an answer or a plan.

A complaint is opened by one contact; all contacts of it carry its number.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from ingestion.demo.orders import NEVER
from ingestion.demo.plan import DAY, HOUR, MINUTE, DemoPlan

SHARE, MAJOR_SHARE = 0.012, 0.15
# The complaints that wait: their level and how long ago they came.
_WAITING = {
    "complaint_unanswered": ("NORMAL", 20 * HOUR, 60 * HOUR),
    "complaint_major_unanswered": ("MAJOR", 2 * HOUR, 20 * HOUR),
    "complaint_major_unplanned": ("MAJOR", 6 * HOUR, 50 * HOUR),
}
FAULTS = frozenset(_WAITING)


def make_complaints(plan: DemoPlan, orders: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """One row per complaint: complaint_no, order_id, fault, level, opened, answered, planned,
    escalated, resolved, scored (moments, NEVER where it did not happen yet) and score."""
    roll = pl.Series(rng.random(orders.height))
    is_calm = (pl.col("fault") == "") & (pl.col("risk") == "") & (roll < SHARE)
    arrived = (pl.col("delivered") != NEVER) & (pl.col("delivered") < plan.until_s - 3 * DAY)
    who = orders.filter(pl.col("fault").is_in(sorted(FAULTS)) | (is_calm & arrived))
    count = who.height

    def after(low: int, high: int) -> pl.Series:
        return pl.Series(rng.integers(low, high, count))

    opened, level = who["delivered"] + after(HOUR, 2 * DAY), pl.Series(rng.random(count))
    is_major = level < MAJOR_SHARE
    answered = opened + after(10 * MINUTE, 3 * HOUR)
    told = who.select("order_id", "n", "fault").with_columns(
        opened=opened,
        level=pl.Series(is_major).replace_strict({True: "MAJOR", False: "NORMAL"}),
        answered=answered,
        planned=answered + after(HOUR, 15 * HOUR),
        score=after(1, 6),
    )
    for fault, (kind, newest, oldest) in _WAITING.items():
        is_it = pl.col("fault") == fault
        told = told.with_columns(
            level=pl.when(is_it).then(pl.lit(kind)).otherwise(pl.col("level")),
            opened=pl.when(is_it).then(plan.until_s - after(newest, oldest))
            .otherwise(pl.col("opened")),
        )  # fmt: skip
    is_answered = pl.col("fault").is_in(["", "complaint_major_unplanned"])
    is_planned = (pl.col("fault") == "") & (pl.col("level") == "MAJOR")
    unplanned = pl.col("fault") == "complaint_major_unplanned"
    told = told.with_columns(
        answered=pl.when(unplanned).then(pl.col("opened") + HOUR).when(is_answered)
        .then(pl.col("answered")).otherwise(NEVER),
        planned=pl.when(is_planned).then(pl.col("planned")).otherwise(NEVER),
        resolved=pl.when(pl.col("fault") == "").then(pl.col("planned") + 10 * HOUR)
        .otherwise(NEVER),
        # Every fourth of the major ones was an ordinary one first.
        escalated=pl.when(is_planned & (pl.col("n") % 4 == 0)).then(pl.col("answered") + 5 * MINUTE)
        .otherwise(NEVER),
    ).with_columns(
        scored=pl.when(pl.col("resolved") == NEVER).then(NEVER)
        .otherwise(pl.col("resolved") + DAY),
        complaint_no=pl.format("P{}", pl.col("n").cast(pl.String).str.zfill(8)),
    )  # fmt: skip
    return told.with_columns(
        pl.when(pl.col(name) <= plan.until_s).then(pl.col(name)).otherwise(NEVER).alias(name)
        for name in ("opened", "answered", "planned", "escalated", "resolved", "scored")
    )


def as_contacts(complaints: pl.DataFrame) -> pl.DataFrame:
    """The contacts of the complaints, as the desk writes them down."""
    first = pl.when(pl.col("escalated") == NEVER).then(pl.col("level")).otherwise(pl.lit("NORMAL"))
    steps = {
        "COMPLAINT": ("opened", first, "客户投诉商品与描述不符"),
        "COMPLAINT_ANSWERED": ("answered", pl.lit(""), "已致电客户说明"),
        "COMPLAINT_ESCALATED": ("escalated", pl.lit("MAJOR"), "客户称将联系媒体"),
        "COMPLAINT_PLANNED": ("planned", pl.lit(""), "方案：换货并补偿"),
        "COMPLAINT_RESOLVED": ("resolved", pl.lit(""), "客户接受方案"),
        "SATISFACTION_SCORED": ("scored", pl.lit(""), "回访"),
    }
    score = pl.col("score").cast(pl.String)
    return pl.concat(
        complaints.filter(pl.col(moment) != NEVER).select(
            "order_id",
            tracking_number=pl.lit(""),
            kind=pl.lit(kind),
            at=pl.col(moment).cast(pl.Int64),
            outcome=pl.lit(""),
            note=pl.lit(note),
            complaint_no="complaint_no",
            level=level,
            score=score if kind == "SATISFACTION_SCORED" else pl.lit(""),
        )
        for kind, (moment, level, note) in steps.items()
    )
