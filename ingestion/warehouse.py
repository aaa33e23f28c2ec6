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
    "feed_shapes": (
        "load_seq bigint not null",
        "source varchar not null",
        "shop_id varchar not null",
        "layout varchar not null",
        "file_id varchar not null",
        "received_at timestamp",
        "state varchar not null",
        "known varchar not null",
        "unknown varchar not null",
        "added varchar",
        "missing varchar",
    ),
    "checks": (
        "check_seq bigint not null",
        "load_seq bigint not null",
        "check_id varchar not null",
        "part varchar not null",
        "checked_at timestamp not null",
        "verdict varchar not null",
        "detail varchar",
    ),
    "releases": (
        "decision_id varchar not null",
        "file_id varchar not null",
        "tried_at timestamp not null",
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
    """`records.*` from the streams, `ops.*` from the list above: what is not there yet.

    There are no primary keys: their indexes make appending tens of times slower."""
    # Asked once: sixty statements that do nothing take as long as a small load.
    there: dict[tuple[str, str], set[str]] = {}
    for schema, table, column in warehouse.execute(
        "select schema_name, table_name, column_name from duckdb_columns() "
        "where schema_name in ('records', 'ops')"
    ).fetchall():
        there.setdefault((schema, table), set()).add(column)
    for schema in {"records", "ops"} - {schema for schema, _ in there}:
        warehouse.execute(f"create schema if not exists {schema}")
    for stream in STREAMS.values():
        _create_or_widen(warehouse, stream, there.get(("records", stream.name)))
    for name, described in OPS_TABLES.items():
        if ("ops", name) not in there:
            warehouse.execute(f"create table ops.{name} ({', '.join(described)})")


def _create_or_widen(
    warehouse: duckdb.DuckDBPyConnection, stream: Stream, there: set[str] | None
) -> None:
    """Makes the table of a stream, or adds the columns it has got since."""
    columns = table_columns(stream)
    if there is None:
        described = ", ".join(
            f"{name} {kind}{_compression(name, stream)}" for name, kind in columns
        )
        warehouse.execute(f"create table records.{stream.name} ({described})")
        return
    for name, kind in columns:
        if name not in there:
            warehouse.execute(f"alter table records.{stream.name} add column {name} {kind}")


def _compression(column: str, stream: Stream) -> str:
    """Trying every method on texts that are all different costs more than writing them."""
    if column.endswith("_cipher"):
        return " using compression uncompressed"
    is_unique = column in ("record_key", "record_hash") or stream.key == (column,)
    return " using compression zstd" if is_unique else ""
