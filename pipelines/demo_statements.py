"""Statements of the demo business: the bookkeeper's, month by month, and what is left to do.

They live in the ledger, not in files, so the labels of queue Q34 they make are written here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import polars as pl

from ingestion.demo.supplier_accounts import month_bounds
from orderhouse.ledger import Ledger, ObjectRef, statements_of
from orderhouse.settings import Settings
from pipelines.demo_acting import Step, perform

CLERK, SUPERVISOR = "finance", "supervisor"
BUILT_AFTER, LATE_AFTER = timedelta(days=3), timedelta(days=5)
# What became of the newest closed month of each supplier; older months are settled.
UNBUILT, WAITING, REJECTED = "SUP2", "SUP3", "SUP4"


def make_demo_statements(settings: Settings, ledger: Ledger, present: datetime) -> None:
    """Draws up, approves and pays what was owed, but for the newest closed month."""
    book = settings.demo_dir / "supplier_lines.csv"
    if not book.exists() or statements_of(ledger):
        return
    lines = pl.read_csv(book, schema_overrides={"amount": pl.String}).filter(
        pl.col("currency") == "CNY"
    )
    months = sorted(month for month in lines["month"].unique() if _end(month) <= present)
    left: list[tuple[str, str, str]] = []
    for month in months:
        is_newest = month == months[-1]
        for (supplier,), rows in lines.filter(pl.col("month") == month).partition_by(
            "supplier", as_dict=True
        ).items():  # fmt: skip
            left += _settle(ledger, str(supplier), month, rows, present, is_newest=is_newest)
    _label(settings, left)


def _end(month: str) -> datetime:
    return datetime.fromtimestamp(month_bounds(month)[1], UTC).replace(tzinfo=None)


def _settle(
    ledger: Ledger, supplier: str, month: str, rows: pl.DataFrame, present: datetime, *,
    is_newest: bool,
) -> Iterable[tuple[str, str, str]]:  # fmt: skip
    """One supplier's month; (kind, id, fault) of what somebody still has to do about it."""
    is_shipped = (rows["kind"] == "shipment").any()
    unbuilt = ("supplier_month", f"{supplier}|CNY|{month}", "statement_unbuilt")
    is_late = is_shipped and _end(month) + LATE_AFTER <= present
    built = _end(month) + BUILT_AFTER
    if built > present or (is_newest and supplier == UNBUILT):
        return [unbuilt] if is_late else []
    name, hour = f"ST-{supplier}-{month}", timedelta(hours=1)
    chosen = rows.select("line_id", "kind", "amount").rows()
    steps: list[Step] = [
        Step(login=CLERK, verb="statement_draft", at=built, args={
            "supplier_id": supplier, "currency_code": "CNY",
            "lines": [list(line) for line in chosen],
        }),
        Step(login=CLERK, verb="statement_submit", at=built + hour),
    ]  # fmt: skip
    if is_newest and supplier == REJECTED:
        steps.append(
            Step(
                login=SUPERVISOR,
                verb="statement_reject",
                at=built + 5 * hour,
                args={"reason_code": "lines_wrong"},
            )
        )
    elif not (is_newest and supplier == WAITING):
        steps += [
            Step(login=SUPERVISOR, verb="statement_approve", at=built + 5 * hour),
            Step(login=CLERK, verb="statement_pay", at=built + timedelta(days=10)),
        ]
    done = [step for step in steps if step.at <= present]
    for version, step in enumerate(done):
        perform(ledger, _statement(name), version, step)
    last = done[-1].verb
    if last == "statement_reject":
        rejected = ("statement", name, "statement_rejected")
        return [rejected, unbuilt] if is_late else [rejected]
    return [("statement", name, "statement_undecided")] if last == "statement_submit" else []


def _statement(name: str) -> ObjectRef:
    return ObjectRef(queue_code="Q34", item_id=name, entity_type="statement", entity_id=name)


def _label(settings: Settings, left: list[tuple[str, str, str]]) -> None:
    path = settings.demo_dir / "labels.csv"
    made = pl.read_csv(path, schema_overrides={"order_id": pl.String})
    rows = pl.DataFrame(left, schema=["entity_type", "entity_id", "fault"], orient="row")
    labelled = rows.with_columns(queue_code=pl.lit("Q34"))
    pl.concat([made, labelled], how="diagonal_relaxed").sort("queue_code", "entity_id").write_csv(
        path
    )
