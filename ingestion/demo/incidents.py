"""Errors of operators and matters between departments, as the operations desk writes them down."""

from __future__ import annotations

import numpy as np
import polars as pl

from ingestion.demo.orders import NEVER
from ingestion.demo.plan import DAY, HOUR, MINUTE, TAOBAO, DemoPlan

UNREPORTED, UNREVIEWED, UNPLANNED = "error_unreported", "error_unreviewed", "issue_unplanned"
_KINDS = ("WRONG_ITEM", "MISSED_ITEM", "WRONG_ADDRESS")
_ONE_IN = 149  # orders with an error that was dealt with


def make_incidents(plan: DemoPlan, orders: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """One row per step: incident_no, shop, order_id, kind, step, at, fault (of the incident)."""
    return pl.concat([_errors(plan, orders, rng), _issues(plan)]).filter(
        pl.col("at") <= plan.until_s
    )


def _errors(plan: DemoPlan, orders: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    is_fault = pl.col("fault").is_in([UNREPORTED, UNREVIEWED])
    is_old = (pl.col("delivered") != NEVER) & (pl.col("delivered") < plan.until_s - 6 * DAY)
    is_calm = (pl.col("fault") == "") & (pl.col("n") % _ONE_IN == 71) & is_old
    who = orders.filter(is_fault | is_calm)
    recent = plan.until_s - pl.Series(rng.integers(3 * HOUR, 40 * HOUR, who.height))
    later = pl.Series(rng.integers(10 * MINUTE, 40 * MINUTE, who.height))
    found = (
        pl.when(pl.col("fault") == UNREPORTED).then(recent)
        .when(pl.col("fault") == UNREVIEWED).then(recent - 3 * DAY)
        .otherwise(pl.col("delivered") + 5 * HOUR)
    )  # fmt: skip
    base = who.with_columns(found=found, later=later).select(
        "shop", "order_id", "fault", "found", "later",
        incident_no=pl.format("E{}", "n"),
        kind=(pl.col("n") % 3).replace_strict(dict(enumerate(_KINDS)), return_dtype=pl.String),
    )  # fmt: skip
    reported = base.filter(pl.col("fault") != UNREPORTED)
    reviewed = base.filter(pl.col("fault") == "")
    steps = [
        (base, "ERROR_FOUND", pl.col("found")),
        (reported, "ERROR_REPORTED", pl.col("found") + pl.col("later")),
        (reported, "ERROR_REMEDIED", pl.col("found") + DAY),
        (reviewed, "REVIEWED", pl.col("found") + 2 * DAY),
    ]
    return pl.concat(
        frame.select("incident_no", "shop", "order_id", "kind", step=pl.lit(step), at=at,
                     fault="fault")
        for frame, step, at in steps
    )  # fmt: skip


def _issues(plan: DemoPlan) -> pl.DataFrame:
    """A matter every nine days, planned and closed in time; the last has no plan yet."""
    rows: list[tuple[str, str, str, str, str, int, str]] = []
    raised = list(range(plan.start_s + 4 * DAY, plan.until_s - 6 * DAY, 9 * DAY))
    for number, at in enumerate(raised):
        kind = ("STOCK_OUT", "PROMOTION", "OUTAGE")[number % 3]
        for step, after in (("ISSUE_RAISED", 0), ("ISSUE_PLAN_AGREED", 15 * HOUR),
                            ("CLOSED", 3 * DAY)):  # fmt: skip
            rows.append((f"I{number}", TAOBAO, "", kind, step, at + after, ""))
    rows.append(
        ("I900", TAOBAO, "", "STOCK_OUT", "ISSUE_RAISED", plan.until_s - 30 * HOUR, UNPLANNED)
    )
    # The power failed for an afternoon, twenty days ago.
    failed = plan.until_s - 20 * DAY
    if failed > plan.start_s:
        rows += [
            ("S1", TAOBAO, "", "OUTAGE", "EVENT_ANNOUNCED", failed, ""),
            ("S1", TAOBAO, "", "OUTAGE", "CLOSED", failed + 5 * HOUR, ""),
        ]
    names = ["incident_no", "shop", "order_id", "kind", "step", "at", "fault"]
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(pl.col("at").cast(pl.Int64))
