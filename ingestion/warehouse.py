"""The tables of the warehouse that ingestion owns: `records.*` and `ops.*`."""

from __future__ import annotations

from pathlib import Path

import duckdb

from ingestion.records import STREAMS
from ingestion.records.schema import Stream, table_columns
from orderhouse.settings import Settings

OPS_TABLES: dict[str, tuple[str, ...]] = {
    "files": (
        "file_id varchar not null",
        "given_name varchar",
        "container_id varchar",
        "source varchar not null",
        "shop_id varchar not null",
        "size_bytes bigint",
        "received_at timestamp",
        "encoding varchar",
        "layout varchar",
        "state varchar",
    ),
    "loads": (
        "load_seq bigint not null",
        "load_id varchar not null",
        "file_id varchar not null",
        "source varchar not null",
        "shop_id varchar not null",
        "layout varchar",
        "started_at timestamp",
        "finished_at timestamp",
        "records_read bigint not null",
        "records_recorded bigint not null",
        "records_quarantined bigint not null",
        "records_skipped bigint not null",
        "received_at timestamp",
        "mapping_version varchar",
    ),
    "load_streams": (
        "load_seq bigint not null",
        "stream varchar not null",
        "rows bigint not null",
    ),
    "quarantine": (
        "quarantine_id varchar not null",
        "load_seq bigint not null",
        "file_id varchar not null",
        "source varchar not null",
        "shop_id varchar not null",
        "layout varchar",
        "stream varchar",
        "row_number bigint",
        "byte_from bigint",
        "byte_to bigint",
        "reason_code varchar not null",
        "column_name varchar",
        "detail varchar",
        "raw_cipher blob",
        "raw_masked varchar",
        "received_at timestamp",
        "state varchar not null",
        "replayed_load_seq bigint",
    ),
    "control_totals": (
        "load_seq bigint not null",
        "name varchar not null",
        "stated decimal(18, 4)",
        "computed decimal(18, 4)",
        "is_equal boolean not null",
    ),
    "build_window": (
        "build_id varchar",
        "from_seq bigint",
        "to_seq bigint",
        "is_full boolean",
        "as_of timestamp",
    ),
}


def open_warehouse(settings: Settings) -> duckdb.DuckDBPyConnection:
    """The warehouse of a home, its tables made when they are not there. One writer at a time."""
    path = settings.warehouse_path
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    warehouse = duckdb.connect(
        str(path),
        config={
            "threads": settings.duckdb_threads,
            "memory_limit": settings.duckdb_memory_limit,
        },
    )
    warehouse.execute("set TimeZone = 'UTC'")
    warehouse.execute("set enable_progress_bar = false")  # it would write into logs
    create_tables(warehouse)
    return warehouse


def init_warehouse(path: Path) -> None:
    """Make the tables in the file at `path`; does nothing where they are."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with duckdb.connect(str(path)) as warehouse:
        create_tables(warehouse)


def create_tables(warehouse: duckdb.DuckDBPyConnection) -> None:
    """`records.*` from the streams, `ops.*` from the list above.

    There are no primary keys: their indexes make appending tens of times slower."""
    statements = ["create schema if not exists records", "create schema if not exists ops"]
    for stream in STREAMS.values():
        columns = ", ".join(
            f"{name} {kind}{_compression(name, stream)}" for name, kind in table_columns(stream)
        )
        statements.append(f"create table if not exists records.{stream.name} ({columns})")
    for name, described in OPS_TABLES.items():
        statements.append(f"create table if not exists ops.{name} ({', '.join(described)})")
    for statement in statements:
        warehouse.execute(statement)
    _add_new_columns(warehouse)


def _compression(column: str, stream: Stream) -> str:
    """Trying every method on texts that are all different costs more than writing them."""
    if column.endswith("_cipher"):
        return " using compression uncompressed"
    is_unique = column in ("record_key", "record_hash") or stream.key == (column,)
    return " using compression zstd" if is_unique else ""


def _add_new_columns(warehouse: duckdb.DuckDBPyConnection) -> None:
    """A column that a stream has got since the table was made."""
    there = set(
        warehouse.execute(
            "select table_name, column_name from duckdb_columns() where schema_name = 'records'"
        ).fetchall()
    )
    for stream in STREAMS.values():
        for name, kind in table_columns(stream):
            if (stream.name, name) not in there:
                warehouse.execute(f"alter table records.{stream.name} add column {name} {kind}")
