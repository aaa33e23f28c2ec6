"""Hand-made worlds: a warehouse file with `records` and `ops` tables from plain dicts.

Only what a test says is set; everything else of the envelope follows from it, so that a test reads
like a story. The tables are those of `ingestion.records`, not copies of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from ingestion.records import STREAMS
from ingestion.records.schema import Stream, table_columns

Row = Mapping[str, Any]

_OPS = """
create schema if not exists ops;
create table ops.files (file_id varchar, given_name varchar, container_id varchar, source varchar,
    shop_id varchar, size_bytes bigint, received_at timestamp, encoding varchar, layout varchar,
    state varchar);
create table ops.loads (load_seq bigint, load_id varchar, file_id varchar, source varchar,
    shop_id varchar, layout varchar, started_at timestamp, finished_at timestamp,
    records_read bigint, records_recorded bigint, records_quarantined bigint,
    records_skipped bigint, received_at timestamp, mapping_version varchar);
create table ops.load_streams (load_seq bigint, stream varchar, rows bigint);
create table ops.quarantine (quarantine_id varchar, load_seq bigint, file_id varchar,
    source varchar, shop_id varchar, layout varchar, stream varchar, row_number bigint,
    byte_from bigint, byte_to bigint, reason_code varchar, column_name varchar, detail varchar,
    raw_cipher blob, raw_masked varchar, received_at timestamp, state varchar,
    replayed_load_seq bigint);
create table ops.control_totals (load_seq bigint, name varchar, stated decimal(18, 4),
    computed decimal(18, 4), is_equal boolean);
create table ops.feed_shapes (load_seq bigint, source varchar, shop_id varchar, layout varchar,
    file_id varchar, received_at timestamp, state varchar, known varchar, unknown varchar,
    added varchar, missing varchar);
create table ops.checks (check_seq bigint, load_seq bigint, check_id varchar, part varchar,
    checked_at timestamp, verdict varchar, detail varchar);
create table ops.builds (build_id varchar, started_at timestamp);
create table ops.build_window (build_id varchar, from_seq bigint, to_seq bigint,
    is_full boolean, as_of timestamp);
"""


def at(text: str) -> datetime:
    """`2026-03-01 10:00` as a naive UTC moment."""
    return datetime.fromisoformat(text)


def _key(stream: Stream, row: Row) -> str:
    return "|".join(str(row.get(name, "")) for name in stream.key)


def _hash(stream: Stream, row: Row) -> str:
    values = [str(row.get(column.name)) for column in stream.columns]
    return hashlib.md5("|".join(values).encode()).hexdigest()


@dataclass(slots=True, kw_only=True)
class World:
    """A home with an empty warehouse to which files are delivered."""

    home: Path
    load_seq: int = 0

    @classmethod
    def at(cls, home: Path, load_seq: int = 0) -> World:
        """The world that is in this folder."""
        return cls(home=home, load_seq=load_seq)

    def __post_init__(self) -> None:
        if self.warehouse.exists():
            return
        self.home.mkdir(parents=True, exist_ok=True)
        with duckdb.connect(str(self.warehouse)) as con:
            con.execute("create schema records")
            for stream in STREAMS.values():
                columns = ", ".join(f'"{n}" {t}' for n, t in table_columns(stream))
                con.execute(f"create table records.{stream.name} ({columns})")
            con.execute(_OPS)

    @property
    def warehouse(self) -> Path:
        return self.home / "warehouse.duckdb"

    @property
    def candidate(self) -> Path:
        return self.home / "marts.duckdb"

    def deliver(self, *facts: tuple[str, Row]) -> None:
        """One file: facts are (stream, values). Values may set any column of the envelope."""
        self.load_seq += 1
        with duckdb.connect(str(self.warehouse)) as con:
            first = _envelope(facts[0][0], facts[0][1], self.load_seq, 1)
            self._note_load(con, first)
            streams = sorted({stream for stream, _ in facts})
            for name in streams:
                rows = [
                    _envelope(stream, row, self.load_seq, number)
                    for number, (stream, row) in enumerate(facts, start=1)
                    if stream == name
                ]
                self._record(con, STREAMS[name], rows)
                con.execute(
                    "insert into ops.load_streams values (?, ?, ?)",
                    [self.load_seq, name, len(rows)],
                )

    def _note_load(self, con: duckdb.DuckDBPyConnection, first: Row) -> None:
        received = first["ingested_at"]
        con.execute(
            "insert into ops.loads values (?, ?, ?, ?, ?, 'test', ?, ?, 1, 1, 0, 0, ?, '1')",
            [self.load_seq, f"load-{first['file_id']}", first["file_id"], first["source"],
             first["shop_id"], received, received, received],
        )  # fmt: skip

    def _record(self, con: duckdb.DuckDBPyConnection, stream: Stream, rows: list[Row]) -> None:
        names = [name for name, _ in table_columns(stream)]
        marks = "(" + ", ".join("?" for _ in names) + ")"
        # Many rows in one statement: a statement a row takes most of the time of a delivery.
        for first in range(0, len(rows), 50):
            some = rows[first : first + 50]
            con.execute(
                f"insert into records.{stream.name} values {', '.join(marks for _ in some)}",
                [row.get(name) for row in some for name in names],
            )

    def open_window(self, *, full: bool, from_seq: int = 0, to_seq: int | None = None) -> None:
        """What pipelines writes before a build."""
        with duckdb.connect(str(self.warehouse)) as con:
            con.execute("delete from ops.build_window")
            con.execute(
                "insert into ops.build_window values ('test', ?, ?, ?, null)",
                [0 if full else from_seq, to_seq or self.load_seq, full],
            )

    def window(self) -> dict[str, int]:
        """The bounds of the open window, as the variables dbt is given."""
        with duckdb.connect(str(self.warehouse)) as con:
            row = con.execute("select from_seq, to_seq from ops.build_window").fetchone()
        return {"from_seq": row[0], "to_seq": row[1]} if row else {}


def _envelope(name: str, row: Row, load_seq: int, number: int) -> dict[str, Any]:
    stream = STREAMS[name]
    time = row.get(stream.event_time) or row.get("observed_at") or at("2026-01-01")
    order_id = str(row.get("order_id") or "")
    shop = order_id.split("-")[0] if "-" in order_id else "tb"
    values: dict[str, Any] = {
        "record_key": _key(stream, row),
        "record_hash": _hash(stream, row),
        "source": {"tb": "taobao"}.get(shop, shop),
        "channel": {"tb": "taobao"}.get(shop, shop),
        "shop_id": shop,
        "observed_at": time,
        "ingested_at": time + timedelta(minutes=1),
        "load_seq": load_seq,
        "file_id": f"file-{load_seq:04d}",
        "row_number": number,
        "byte_from": (number - 1) * 100,
        "byte_to": number * 100,
        "extra": "{}",
    }
    values.update(row)
    for column in stream.columns:
        if column.kind.is_personal and (value := row.get(column.name)) is not None:
            values[f"{column.name}_masked"] = row.get(f"{column.name}_masked", f"{value[:1]}****")
            values[f"{column.name}_index"] = hashlib.md5(value.encode()).hexdigest()[:16]
            values[f"{column.name}_cipher"] = value.encode()
    return values
