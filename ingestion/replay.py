"""Quarantined records, tried again under the mapping as it is now.

The file is read again from the landing; only the records that lie inside a quarantined range (or,
for rows without bytes, carry a quarantined number) are shaped. What passes moves to the records
with a load row of its own; what still fails stays where it is, so no record is ever in both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import duckdb
import numpy as np

from ingestion.assembly import Assembly
from ingestion.engine import open_engine
from ingestion.landing import LandedFile, Landing
from ingestion.mapping import load_mapping
from ingestion.readers import Reading
from ingestion.shaping import Shaper
from ingestion.warehouse import open_warehouse
from ingestion.writing import WriteSet, last_load_seq, write
from orderhouse.privacy import open_privacy
from orderhouse.settings import Settings

CLOCK_SKEW = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class _Open:
    """A record in quarantine."""

    quarantine_id: str
    row_number: int
    byte_from: int | None
    byte_to: int | None


def replay_quarantine(
    settings: Settings,
    now: datetime,
    *,
    file_id: str | None = None,
    tolerance: timedelta | None = CLOCK_SKEW,
) -> int:
    """Replay every open quarantine row, or those of one file; how many records left quarantine."""
    with ExitStack() as stack:
        privacy = open_privacy(settings)
        stack.callback(privacy.vault.close)
        warehouse = stack.enter_context(open_warehouse(settings))
        engine = stack.enter_context(
            open_engine(settings.duckdb_threads, settings.duckdb_memory_limit)
        )
        landing = Landing(settings.landing_dir, privacy)

        def assembly(source: str) -> Assembly:
            mapping, shaper = load_mapping(source, settings.sources_dir), Shaper(engine)
            return Assembly(mapping, shaper, privacy, now=now, tolerance=tolerance)

        moved = 0
        for name, rows in _open_rows(warehouse, file_id).items():
            moved += _replay_file(warehouse, landing, name, rows, assembly, now)
        return moved


def _open_rows(warehouse: duckdb.DuckDBPyConnection, file_id: str | None) -> dict[str, list[_Open]]:
    found = warehouse.execute(
        "select file_id, quarantine_id, row_number, byte_from, byte_to from ops.quarantine"
        " where state = 'open' and (? is null or file_id = ?) order by file_id, row_number",
        [file_id, file_id],
    ).fetchall()
    rows: dict[str, list[_Open]] = defaultdict(list)
    for name, *values in found:
        rows[name].append(_Open(*values))
    return rows


def _replay_file(
    warehouse: duckdb.DuckDBPyConnection,
    landing: Landing,
    file_id: str,
    rows: list[_Open],
    assembly: Callable[[str], Assembly],
    now: datetime,
) -> int:
    file = landing.find(file_id)
    if file is None:
        return 0
    data = landing.read(file_id)
    sequence = last_load_seq(warehouse) + 1

    def select(_: LandedFile, reading: Reading) -> np.ndarray:
        return _selected(reading, rows)

    tried = assembly(file.source).build([(file, data)], sequence, select)
    passed = _passed(tried, rows)
    if not passed:
        return 0
    tried.quarantine = []
    tried.totals = []
    tried.replayed = [(row.quarantine_id, 0) for row in passed]
    tried.loads[0] = replace(tried.loads[0], read=tried.loads[0].recorded, quarantined=0, skipped=0)
    write(warehouse, tried, now)
    return len(passed)


def _selected(reading: Reading, rows: list[_Open]) -> np.ndarray:
    """Segments inside the quarantined ranges, or with a quarantined number."""
    if not reading.has_bytes or rows[0].byte_from is None:
        return np.isin(reading.row_numbers(), [row.row_number for row in rows])
    starts = np.array([row.byte_from for row in rows], dtype=np.int64)
    ends = np.array([row.byte_to for row in rows], dtype=np.int64)
    order = np.argsort(starts)
    starts, ends = starts[order], ends[order]
    place = np.searchsorted(starts, reading.start, side="right") - 1
    return (place >= 0) & (reading.end <= ends[np.maximum(place, 0)])


def _passed(tried: WriteSet, rows: list[_Open]) -> list[_Open]:
    """Quarantined rows none of whose content failed again."""
    return [row for row in rows if not any(_overlap(row, bad) for bad in tried.quarantine)]


def _overlap(row: _Open, bad: object) -> bool:
    byte_from, byte_to = getattr(bad, "byte_from", None), getattr(bad, "byte_to", None)
    if row.byte_from is None or byte_from is None or byte_to is None:
        return row.row_number == getattr(bad, "row_number", None)
    return byte_from < row.byte_to and row.byte_from < byte_to
