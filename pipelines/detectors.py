"""How good the queues are: what they find in the demo business against what is wrong there.

Precision: of the items in the queue, how many are labelled. Recall: of the labelled, how many are
in the queue. The labels are written by the generator; the pipeline never reads them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl

from orderhouse.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """One queue against its labels. `missed` and `false_alarms` name the entities."""

    queue_code: str
    name: str
    labelled: int
    found: int
    missed: tuple[str, ...]
    false_alarms: tuple[str, ...]

    @property
    def precision(self) -> float:
        return 1.0 if self.found == 0 else 1 - len(self.false_alarms) / self.found

    @property
    def recall(self) -> float:
        return 1.0 if self.labelled == 0 else 1 - len(self.missed) / self.labelled


def present_of(settings: Settings) -> tuple[int, datetime]:
    """(orders, present) of the demo business of this home."""
    made = json.loads((settings.demo_dir / "landed").read_text(encoding="utf-8"))
    return int(made["orders"]), datetime.fromisoformat(made["until"])


def measure(snapshot: Path, labels: Path, at: datetime) -> list[Quality]:
    """Compares the items open at `at` with the labels, queue by queue.

    An item about an order or anything of an order (parcel, break, line) counts for that order.
    """
    truth = pl.read_csv(labels, schema_overrides={"order_id": pl.String}).with_columns(
        subject=pl.when(pl.col("entity_type") == "order")
        .then(pl.col("order_id"))
        .otherwise(pl.col("entity_id"))
    )
    with duckdb.connect(str(snapshot), read_only=True) as con:
        queues = con.execute(
            "select queue_code, name_en from policies.queues order by queue_code"
        ).fetchall()
        items = con.sql(
            "select distinct queue_code, coalesce(order_id, entity_id) as subject "
            "from marts.queue_items "
            "where opened_at <= $at and (closed_at is null or closed_at > $at)",
            params={"at": at},
        ).pl()
    return [_compare(code, name, truth, items) for code, name in queues]


def _compare(code: str, name: str, truth: pl.DataFrame, items: pl.DataFrame) -> Quality:
    labelled = set(truth.filter(pl.col("queue_code") == code)["subject"])
    found = set(items.filter(pl.col("queue_code") == code)["subject"])
    return Quality(
        queue_code=code,
        name=name,
        labelled=len(labelled),
        found=len(found),
        missed=tuple(sorted(labelled - found)),
        false_alarms=tuple(sorted(found - labelled)),
    )


def as_markdown(qualities: list[Quality], orders: int) -> str:
    """The page `docs/detectors.md`."""
    lines = [
        "# How good the queues are",
        "",
        f"Generated from the demo business of {orders:,} orders by `orderhouse detectors`, not",
        "typed. An item counts as right when the generator labelled its order, stock position or",
        "file with that queue. The pipeline never sees the labels.",
        "",
        "| Queue | Name | Labelled | Found | Precision | Recall |",
        "|---|---|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {q.queue_code} | {q.name} | {q.labelled} | {q.found} "
        f"| {q.precision:.3f} | {q.recall:.3f} |"
        for q in qualities
    ]
    return "\n".join(lines) + "\n"
