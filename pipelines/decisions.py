"""What the ledger knows becomes records like any other fact: decisions, and news of accounts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import duckdb

from orderhouse.ledger import (
    access_events_after,
    compensations_after,
    decisions_after,
    open_ledger,
    recon_decisions_after,
    refund_steps_after,
    statement_lines_after,
    stock_counts_after,
    stock_movements_after,
)
from orderhouse.settings import Settings

# Numbers rise in commit order, so re-reading a few is only a precaution; doubles fall away by key.
_OVERLAP = 50


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _watermark(settings: Settings, stream: str) -> int:
    """The highest row of the chain that is a record; other sources number their records too."""
    if not settings.warehouse_path.exists():
        return 0
    with duckdb.connect(str(settings.warehouse_path)) as con:
        row = con.execute(
            f"select coalesce(max(source_sequence), 0) from records.{stream} "  # noqa: S608 - a stream's name
            "where source = 'ledger'"
        ).fetchone()
    return int(row[0]) if row else 0


def has_new_decisions(settings: Settings) -> bool:
    """Somebody has decided something that is not a record yet.

    A sign-in is no reason to build: what happens to accounts comes along with the next build.
    """
    ledger = open_ledger(settings.ledger_address)
    try:
        seen = _watermark(settings, "decisions")
        return next(iter(decisions_after(ledger, seen)), None) is not None
    finally:
        ledger.close()


def pull_decisions(settings: Settings) -> int:
    """Appends what was decided since the last pull; returns how many decisions were new.

    What they are about comes first: a statement is never known without its lines, a decision about
    a difference never without the amounts it was made on, one about stock never without its moves.
    """
    _pull(settings, "statement_lines", statement_lines_after)
    _pull(settings, "recon_decisions", recon_decisions_after)
    _pull(settings, "stock_movements", stock_movements_after)
    _pull(settings, "stock_counts", stock_counts_after)
    _pull(settings, "refunds", refund_steps_after)
    _pull(settings, "after_sales", compensations_after)
    return _pull(settings, "decisions", decisions_after)


def pull_access_events(settings: Settings) -> int:
    """Appends what happened to accounts since the last pull; returns how many events were new."""
    return _pull(settings, "access_events", access_events_after)


def _pull(
    settings: Settings, stream: str, read_after: Callable[..., Iterable[Mapping[str, Any]]]
) -> int:
    ledger = open_ledger(settings.ledger_address)
    try:
        rows = [
            {name: _text(value) for name, value in row.items() if name != "seq"}
            | {"source_sequence": int(row["seq"])}
            for row in read_after(ledger, _watermark(settings, stream), overlap=_OVERLAP)
        ]
    finally:
        ledger.close()
    if not rows:
        return 0
    from ingestion.ingest import load_records

    return load_records(settings, stream, rows, source="ledger", now=settings.clock())
