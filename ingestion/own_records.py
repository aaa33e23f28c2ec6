"""Records the house makes itself, such as people's decisions: same grammar, same tables, no file.

They come as rows of text under the stream's own column names. A record whose natural key is there
already is not loaded again, so overlapping reads of the ledger are harmless.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime

import duckdb
import numpy as np
import pyarrow as pa

from ingestion.engine import open_engine
from ingestion.grammar import reason_sql
from ingestion.landing import LandedFile
from ingestion.mapping import ENVELOPE_VALUES
from ingestion.records import STREAMS
from ingestion.records.schema import Stream
from ingestion.warehouse import open_warehouse
from ingestion.writing import Load, Quarantined, StreamRows, WriteSet, last_load_seq, write
from orderhouse.privacy import masks
from orderhouse.settings import Settings

Row = Mapping[str, str | int | None]


def load_records(
    settings: Settings,
    stream: str,
    rows: Sequence[Row],
    *,
    source: str,
    now: datetime,
    warehouse: duckdb.DuckDBPyConnection | None = None,
) -> int:
    """Load the rows that are new; how many were recorded.

    Args:
        rows: text (or None) by column of the stream, and `source_sequence`, `observed_at`.
        warehouse: an open connection to use; by default one is opened and closed.
    """
    kind = _supported(stream)
    with ExitStack() as stack:
        if warehouse is None:
            warehouse = stack.enter_context(open_warehouse(settings))
        fresh = _fresh(warehouse, kind, rows)
        if not fresh:
            return 0
        engine = stack.enter_context(open_engine(settings.duckdb_threads))
        batch = _batch(kind, fresh, _reasons(engine, kind, fresh), source, now)
        for load in batch.loads:
            load.load_seq = last_load_seq(warehouse) + 1
        write(warehouse, batch, now)
        return batch.loads[0].recorded


def _supported(name: str) -> Stream:
    stream = STREAMS[name]
    if any(column.kind.is_personal for column in stream.columns):
        raise ValueError(f"stream {name} holds personal data; land a file")
    return stream


_TOLD_AGAIN = frozenset({"after_sales"})


def _fresh(
    warehouse: duckdb.DuckDBPyConnection, stream: Stream, rows: Sequence[Row]
) -> list[dict[str, str | None]]:
    """Rows with keys that are neither in the records nor earlier in the list, as text; of what may
    be told again, such as a step that was taken back, rows that are not there in that version."""
    keys = [_key(stream, row) for row in rows]
    if stream.name in _TOLD_AGAIN:
        query = f"select record_key, source_sequence from records.{stream.name} where record_key in (select unnest(?))"  # noqa: S608, E501
        there = {tuple(map(str, found)) for found in warehouse.execute(query, [keys]).fetchall()}
        return [
            {k: None if v in (None, "") else str(v) for k, v in row.items()}
            for name, row in zip(keys, rows, strict=True)
            if (name, str(row.get("source_sequence"))) not in there
        ]
    query = f"select record_key from records.{stream.name} where record_key in (select unnest(?))"  # noqa: S608 - a stream's name
    seen = {found[0] for found in warehouse.execute(query, [keys]).fetchall()}
    fresh = []
    for name, row in zip(keys, rows, strict=True):
        if name not in seen:
            seen.add(name)
            fresh.append({k: None if v in (None, "") else str(v) for k, v in row.items()})
    return fresh


def _key(stream: Stream, row: Row) -> str:
    """The natural key as one text, as every other way in writes it."""
    if len(stream.key) == 1:
        return str(row.get(stream.key[0]))
    parts = [str(row.get(name) or "") for name in stream.key]
    return "|".join(part.replace("\\", "\\\\").replace("|", "\\|") for part in parts)


def _columns(stream: Stream, rows: list[dict[str, str | None]]) -> list[str]:
    given = {name for row in rows for name in row}
    known = [*ENVELOPE_VALUES, *(column.name for column in stream.columns)]
    if unknown := given - set(known):
        raise ValueError(f"stream {stream.name} has no columns {sorted(unknown)}")
    return [name for name in known if name in given]


def _table(stream: Stream, rows: list[dict[str, str | None]]) -> pa.Table:
    return pa.table(
        {
            name: pa.array([row.get(name) for row in rows], pa.string())
            for name in _columns(stream, rows)
        }
    )


def _reasons(
    engine: duckdb.DuckDBPyConnection, stream: Stream, rows: list[dict[str, str | None]]
) -> list[str | None]:
    table = _table(stream, rows)
    engine.register("rows", table.append_column("_row", pa.array(range(len(rows)))))
    reason = reason_sql(stream, set(table.column_names))
    found = engine.execute(f"select {reason} from rows order by _row").fetchall()  # noqa: S608 - built from the stream
    return [row[0] for row in found]


def _batch(
    stream: Stream,
    rows: list[dict[str, str | None]],
    reasons: list[str | None],
    source: str,
    now: datetime,
) -> WriteSet:
    text = [json.dumps(row, sort_keys=True, ensure_ascii=False) for row in rows]
    good = [place for place, reason in enumerate(reasons) if reason is None]
    file_id = hashlib.sha256("\n".join([stream.name, *text]).encode()).hexdigest()
    load = Load(
        load_seq=0,
        file=LandedFile(
            file_id=file_id,
            given_name=stream.name,
            container_id=None,
            source=source,
            shop_id=source,
            size_bytes=0,
            received_at=now,
        ),
        layout=stream.name,
        encoding=None,
        started_at=now,
        mapping_version="own",
        read=len(rows),
        recorded=len(good),
        quarantined=len(rows) - len(good),
        streams={stream.name: len(good)} if good else {},
    )
    records = StreamRows(
        stream=stream.name,
        source=source,
        channel=source,
        shop=source,
        zone=None,
        load=np.zeros(len(good), dtype=np.int64),
        row_number=np.array(good, dtype=np.int64) + 1,
        byte_from=None,
        byte_to=None,
        values=_table(stream, rows).take(pa.array(good, pa.int64())),
    )
    bad = [
        _quarantined(stream, file_id, place, reason, text[place])
        for place, reason in enumerate(reasons)
        if reason is not None
    ]
    return WriteSet(loads=[load], records=[records] if good else [], quarantine=bad)


def _quarantined(stream: Stream, file_id: str, place: int, reason: str, text: str) -> Quarantined:
    code, _, column = reason.partition(":")
    name = f"{file_id}|{place + 1}".encode()
    return Quarantined(
        quarantine_id=hashlib.md5(name, usedforsecurity=False).hexdigest(),
        load=0,
        stream=stream.name,
        row_number=place + 1,
        byte_from=None,
        byte_to=None,
        reason_code=code,
        column_name=column or None,
        detail="",
        raw_cipher=None,
        raw_masked=masks.shape(text),
    )
