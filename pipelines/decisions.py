"""Decisions of people become records like any other fact: from the ledger into the warehouse."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import duckdb

from orderhouse.ledger import decisions_after, open_ledger
from orderhouse.settings import Settings

# Numbers rise in commit order, so re-reading a few is only a precaution; doubles fall away by key.
_OVERLAP = 50


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _watermark(settings: Settings) -> int:
    if not settings.warehouse_path.exists():
        return 0
    with duckdb.connect(str(settings.warehouse_path)) as con:
        row = con.execute(
            "select coalesce(max(source_sequence), 0) from records.decisions"
        ).fetchone()
    return int(row[0]) if row else 0


def has_new_decisions(settings: Settings) -> bool:
    """Somebody has decided something that is not a record yet."""
    ledger = open_ledger(settings.ledger_address)
    try:
        return next(iter(decisions_after(ledger, _watermark(settings))), None) is not None
    finally:
        ledger.close()


def pull_decisions(settings: Settings) -> int:
    """Appends what was decided since the last pull; returns how many decisions were new."""
    ledger = open_ledger(settings.ledger_address)
    try:
        rows = [
            {name: _text(value) for name, value in row.items() if name != "seq"}
            | {"source_sequence": int(row["seq"])}
            for row in decisions_after(ledger, _watermark(settings), overlap=_OVERLAP)
        ]
    finally:
        ledger.close()
    if not rows:
        return 0
    from ingestion.ingest import load_records

    return load_records(settings, "decisions", rows, source="ledger", now=settings.clock())
