"""The write: records, quarantine, load rows and control totals of a batch, in one transaction.

Everything that reaches this module is text that has passed its grammar, or ciphertext. The casts
here cannot lose anything; should one fail, nothing of the batch is written.
"""

# ruff: noqa: S608 - names of tables and columns come from ingestion.records, values are bound tables.

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation

import duckdb
import numpy as np
import pyarrow as pa

from ingestion.landing import LandedFile
from ingestion.macros import quoted
from ingestion.readers.reading import Ints
from ingestion.records import STREAMS
from ingestion.records.schema import DUCKDB_TYPES, Stream
from ingestion.shapes import Shape, changes
from orderhouse.failpoints import reach


@dataclass(slots=True, kw_only=True)
class Load:
    """One load: a file, or a run of ledger decisions, with its counts."""

    load_seq: int
    file: LandedFile
    layout: str | None
    encoding: str | None
    started_at: datetime
    mapping_version: str
    read: int = 0
    recorded: int = 0
    quarantined: int = 0
    skipped: int = 0
    streams: dict[str, int] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)  # by layout

    @property
    def load_id(self) -> str:
        return f"{self.file.file_id[:16]}-{self.load_seq}"


@dataclass(slots=True, kw_only=True)
class StreamRows:
    """Records of one stream, of one source and shop.

    Attributes:
        load: which of the batch's loads each record belongs to, by position in the list.
        values: text columns of the stream; personal ones as `_masked`, `_index`, `_cipher`.
        zone: the zone assumed for local times, null where the texts carried offsets.
    """

    stream: str
    source: str
    channel: str
    shop: str
    zone: str | None
    load: Ints
    row_number: Ints
    byte_from: Ints | None
    byte_to: Ints | None
    values: pa.Table
    defaults: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """One bad record."""

    quarantine_id: str
    load: int
    stream: str | None
    row_number: int
    byte_from: int | None
    byte_to: int | None
    reason_code: str
    column_name: str | None
    detail: str
    raw_cipher: bytes | None
    raw_masked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedTotal:
    """A total a file states, beside what its rows add up to."""

    load: int
    name: str
    stated: str
    computed: str


@dataclass(slots=True, kw_only=True)
class WriteSet:
    """What one transaction writes."""

    loads: list[Load] = field(default_factory=list)
    records: list[StreamRows] = field(default_factory=list)
    quarantine: list[Quarantined] = field(default_factory=list)
    totals: list[StatedTotal] = field(default_factory=list)
    replayed: list[tuple[str, int]] = field(default_factory=list)  # (quarantine_id, load)


def last_load_seq(warehouse: duckdb.DuckDBPyConnection) -> int:
    """The watermark: the highest load there is, 0 when there is none."""
    return warehouse.execute("select coalesce(max(load_seq), 0) from ops.loads").fetchone()[0]


def loaded_files(warehouse: duckdb.DuckDBPyConnection, file_ids: Sequence[str]) -> set[str]:
    """Which of the files have a load already."""
    query = "select distinct file_id from ops.loads where file_id in (select unnest(?))"
    return {row[0] for row in warehouse.execute(query, [list(file_ids)]).fetchall()}


def write(warehouse: duckdb.DuckDBPyConnection, batch: WriteSet, now: datetime) -> None:
    """Write the batch, all of it or nothing."""
    # Keeping an order nobody needs makes the checkpoint write every row group a second time.
    warehouse.execute("set preserve_insertion_order = false")
    reach("store.before_begin")
    warehouse.execute("begin")
    try:
        for rows in batch.records:
            _insert_records(warehouse, rows, batch.loads)
            reach("store.after_records")
        _insert(warehouse, "quarantine", _quarantine_rows(batch))
        reach("store.after_quarantine")
        _insert(warehouse, "files", _file_rows(batch))
        _insert(warehouse, "load_streams", _stream_counts(batch))
        _insert(warehouse, "control_totals", _total_rows(batch))
        _insert(warehouse, "feed_shapes", changes(warehouse, batch.loads))
        _insert(warehouse, "loads", [_load_row(load, now) for load in batch.loads])
        _mark_replayed(warehouse, batch)
        reach("store.before_commit")
    except BaseException:
        warehouse.execute("rollback")
        raise
    warehouse.execute("commit")
    reach("store.after_commit")


def identity_sql(rows: StreamRows) -> tuple[str, str]:
    """Key and hash of each row, over the columns of `rows.values`."""
    stream, given = STREAMS[rows.stream], set(rows.values.column_names)
    return _key(stream, given), _hash(stream, given, rows.defaults)


def _insert_records(
    warehouse: duckdb.DuckDBPyConnection, rows: StreamRows, loads: Sequence[Load]
) -> None:
    stream, given = STREAMS[rows.stream], set(rows.values.column_names)
    table = _with_lineage(rows, loads)
    typed = _typed_columns(stream, given, rows.defaults)
    sequence = "source_sequence::bigint" if "source_sequence" in given else "null::bigint"
    observed = "observed_at::timestamp" if "observed_at" in given else "null::timestamp"
    envelope = {
        "record_key": _key(stream, given),
        "record_hash": _hash(stream, given, rows.defaults),
        "source": quoted(rows.source),
        "channel": quoted(rows.channel),
        "shop_id": quoted(rows.shop),
        "source_sequence": sequence,
        "observed_at": observed,
        "ingested_at": "_ingested_at",
        "zone_assumed": "null::varchar" if rows.zone is None else quoted(rows.zone),
        "load_seq": "_load_seq",
        "file_id": "_file_id",
        "row_number": "_row_number",
        "byte_from": "_byte_from",
        "byte_to": "_byte_to",
        "extra": "extra" if "extra" in given else "null::varchar",
    }
    columns = envelope | typed
    warehouse.register("stream_rows", table)
    try:
        warehouse.execute(
            f"insert into records.{stream.name} ({', '.join(columns)})"
            f" select {', '.join(columns.values())} from stream_rows"
        )
    finally:
        warehouse.unregister("stream_rows")


def _with_lineage(rows: StreamRows, loads: Sequence[Load]) -> pa.Table:
    places = pa.array(rows.load.astype(np.int32))
    sequences = np.array([load.load_seq for load in loads], dtype=np.int64)
    received = np.array([load.file.received_at for load in loads], dtype="datetime64[us]")
    files = pa.array([load.file.file_id for load in loads], pa.string())
    return (
        rows.values.append_column("_load_seq", pa.array(sequences[rows.load]))
        .append_column("_ingested_at", pa.array(received[rows.load]))
        .append_column("_file_id", pa.DictionaryArray.from_arrays(places, files))
        .append_column("_row_number", pa.array(rows.row_number))
        .append_column("_byte_from", _numbers(rows.byte_from, len(rows.load)))
        .append_column("_byte_to", _numbers(rows.byte_to, len(rows.load)))
    )


def _numbers(values: Ints | None, length: int) -> pa.Array:
    return pa.nulls(length, pa.int64()) if values is None else pa.array(values)


def _text(name: str, given: set[str], defaults: dict[str, str]) -> str:
    if name in given:
        return f'"{name}"'
    return quoted(defaults[name]) if name in defaults else "null::varchar"


def _typed_columns(stream: Stream, given: set[str], defaults: dict[str, str]) -> dict[str, str]:
    typed = {}
    for column in stream.columns:
        if not column.kind.is_personal:
            text = _text(column.name, given, defaults)
            kind = DUCKDB_TYPES[column.kind]
            typed[f'"{column.name}"'] = text if kind == "varchar" else f"{text}::{kind}"
        elif f"{column.name}_cipher" in given:
            for suffix in ("masked", "index", "cipher"):
                typed[f"{column.name}_{suffix}"] = f'"{column.name}_{suffix}"'
    return typed


def _key(stream: Stream, given: set[str]) -> str:
    """The natural key as one text; parts are escaped so that no two keys become one. A part that
    the source does not have is empty."""
    if len(stream.key) == 1:
        return f'"{stream.key[0]}"'
    parts = [
        f"replace(replace(coalesce(\"{name}\", ''), '\\', '\\\\'), '|', '\\|')"
        if name in given
        else "''"
        for name in stream.key
    ]
    return f"concat_ws('|', {', '.join(parts)})"


def _hash(stream: Stream, given: set[str], defaults: dict[str, str]) -> str:
    """md5 over all columns of the stream, personal ones by their index."""
    parts = []
    for column in stream.columns:
        name = f"{column.name}_index" if column.kind.is_personal else column.name
        if name in given:
            parts.append(f"coalesce(\"{name}\", '')")
        else:
            parts.append(quoted(defaults.get(name, "")))
    return f"md5(concat_ws(chr(31), {', '.join(parts)}))"


def _insert(
    warehouse: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, object]]
) -> None:
    if not rows:
        return
    columns = ", ".join(rows[0])
    warehouse.register("ops_rows", pa.Table.from_pylist(rows))
    try:
        warehouse.execute(f"insert into ops.{table} ({columns}) select {columns} from ops_rows")
    finally:
        warehouse.unregister("ops_rows")


def _file_rows(batch: WriteSet) -> list[dict[str, object]]:
    replayed = {load for _, load in batch.replayed}
    return [
        {
            "file_id": load.file.file_id,
            "given_name": load.file.given_name,
            "container_id": load.file.container_id,
            "source": load.file.source,
            "shop_id": load.file.shop_id,
            "size_bytes": load.file.size_bytes,
            "received_at": load.file.received_at,
            "encoding": load.encoding,
            "layout": load.layout,
            "state": "loaded" if load.layout else "unrecognised",
        }
        for place, load in enumerate(batch.loads)
        if place not in replayed
    ]


def _load_row(load: Load, now: datetime) -> dict[str, object]:
    return {
        "load_seq": load.load_seq,
        "load_id": load.load_id,
        "file_id": load.file.file_id,
        "source": load.file.source,
        "shop_id": load.file.shop_id,
        "layout": load.layout,
        "started_at": load.started_at,
        "finished_at": now,
        "records_read": load.read,
        "records_recorded": load.recorded,
        "records_quarantined": load.quarantined,
        "records_skipped": load.skipped,
        "received_at": load.file.received_at,
        "mapping_version": load.mapping_version,
    }


def _stream_counts(batch: WriteSet) -> list[dict[str, object]]:
    return [
        {"load_seq": load.load_seq, "stream": stream, "rows": rows}
        for load in batch.loads
        for stream, rows in sorted(load.streams.items())
    ]


def _quarantine_rows(batch: WriteSet) -> list[dict[str, object]]:
    rows = []
    for bad in batch.quarantine:
        load = batch.loads[bad.load]
        rows.append(
            {
                "quarantine_id": bad.quarantine_id,
                "load_seq": load.load_seq,
                "file_id": load.file.file_id,
                "source": load.file.source,
                "shop_id": load.file.shop_id,
                "layout": load.layout,
                "stream": bad.stream,
                "row_number": bad.row_number,
                "byte_from": bad.byte_from,
                "byte_to": bad.byte_to,
                "reason_code": bad.reason_code,
                "column_name": bad.column_name,
                "detail": bad.detail,
                "raw_cipher": bad.raw_cipher,
                "raw_masked": bad.raw_masked,
                "received_at": load.file.received_at,
                "state": "open",
            }
        )
    return rows


def _total_rows(batch: WriteSet) -> list[dict[str, object]]:
    rows = []
    for total in batch.totals:
        stated, computed = _decimal(total.stated), _decimal(total.computed)
        rows.append(
            {
                "load_seq": batch.loads[total.load].load_seq,
                "name": total.name,
                "stated": stated,
                "computed": computed,
                "is_equal": stated is not None and stated == computed,
            }
        )
    return rows


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text).quantize(Decimal("0.0001"))
    except (InvalidOperation, TypeError):
        return None


def _mark_replayed(warehouse: duckdb.DuckDBPyConnection, batch: WriteSet) -> None:
    for quarantine_id, place in batch.replayed:
        warehouse.execute(
            "update ops.quarantine set state = 'replayed', replayed_load_seq = ?"
            " where quarantine_id = ? and state = 'open'",
            [batch.loads[place].load_seq, quarantine_id],
        )
