"""Accounts that were recorded in clear, before their source hid them, become what they are now.

A record states its account as its mapping said when the file was loaded. Where the mapping hides it
since, the file is read again from the landing, and the account and the hash of each record take the
value that the same file would give today. Nothing else of a record changes, and none is added, so
doing it again changes nothing. What was built from the records has to be built anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime

import duckdb
import pyarrow as pa

from ingestion.assembly import Assembly
from ingestion.engine import open_engine
from ingestion.errors import MappingError
from ingestion.landing import Landing
from ingestion.mapping import load_mapping, source_names
from ingestion.shaping import Shaper
from ingestion.warehouse import open_warehouse
from ingestion.writing import StreamRows, identity_sql
from orderhouse.failpoints import reach
from orderhouse.privacy import files, open_privacy
from orderhouse.settings import Settings


@dataclass(slots=True)
class Hidden:
    """What one call did. `unread`: file id -> why it could not be read again."""

    records: int = 0
    files: int = 0
    unread: dict[str, str] = field(default_factory=dict)


def hide_accounts(settings: Settings, now: datetime) -> Hidden:
    """Rewrite every record whose source hides its account by now; a file a transaction."""
    done = Hidden()
    with ExitStack() as stack:
        privacy = open_privacy(settings)
        stack.callback(privacy.vault.close)
        warehouse = stack.enter_context(open_warehouse(settings))
        engine = stack.enter_context(
            open_engine(settings.duckdb_threads, settings.duckdb_memory_limit)
        )
        landing = Landing(settings.landing_dir, privacy)
        for source, columns in _hiding(settings):
            mapping = load_mapping(source, settings.sources_dir)
            assembly = Assembly(mapping, Shaper(engine), privacy, now=now, tolerance=None)
            for file_id in _files(warehouse, source, columns):
                landed = landing.find(file_id)
                try:
                    data = landing.read(file_id)
                except (files.DamagedFile, OSError) as error:
                    done.unread[file_id] = str(error)
                    continue
                if landed is None:
                    done.unread[file_id] = "nothing is known of it"
                    continue
                rows = assembly.build([(landed, data)], 0).records
                changed = _rewrite(warehouse, file_id, rows, columns)
                done.records += changed
                done.files += bool(changed)
        # What was overwritten must not stay in the log of changes.
        warehouse.execute("checkpoint")
    return done


def _hiding(settings: Settings) -> Iterator[tuple[str, dict[str, set[str]]]]:
    """Each source that hides accounts: stream -> the columns it hides."""
    for name in source_names(settings.sources_dir):
        try:
            mapping = load_mapping(name, settings.sources_dir)
        except MappingError:
            continue
        columns: dict[str, set[str]] = {}
        for table in mapping.tables:
            for stream in table.streams:
                if stream.pseudonyms:
                    columns.setdefault(stream.stream, set()).update(stream.pseudonyms)
        if columns:
            yield name, columns


def _files(
    warehouse: duckdb.DuckDBPyConnection, source: str, columns: dict[str, set[str]]
) -> list[str]:
    found: set[str] = set()
    for stream, names in columns.items():
        some = " or ".join(f'"{name}" is not null' for name in sorted(names))
        query = f"select distinct file_id from records.{stream} where source = ? and ({some})"  # noqa: S608  names of the mapping
        found |= {file_id for (file_id,) in warehouse.execute(query, [source]).fetchall()}
    return sorted(found)


def _rewrite(
    warehouse: duckdb.DuckDBPyConnection,
    file_id: str,
    records: list[StreamRows],
    columns: dict[str, set[str]],
) -> int:
    changed = 0
    warehouse.execute("begin")
    try:
        for rows in records:
            names = sorted(columns.get(rows.stream, set()) & set(rows.values.column_names))
            for name in names:
                changed += _rewrite_column(warehouse, file_id, rows, name)
        reach("hiding.before_commit")
    except BaseException:
        warehouse.execute("rollback")
        raise
    warehouse.execute("commit")
    return changed


def _rewrite_column(
    warehouse: duckdb.DuckDBPyConnection, file_id: str, rows: StreamRows, name: str
) -> int:
    key, digest = identity_sql(rows)
    table = rows.values.append_column("_row_number", pa.array(rows.row_number))
    warehouse.register("hidden_rows", table)
    try:
        [(changed,)] = warehouse.execute(
            f"update records.{rows.stream} as told "  # noqa: S608  names of streams and columns
            f'set "{name}" = said.hidden, record_hash = said.digest from ('
            f'select distinct _row_number, {key} as record_key, {digest} as digest, "{name}" '
            "as hidden from hidden_rows) as said "
            "where told.file_id = ? and told.row_number = said._row_number "
            f'and told.record_key = said.record_key and told."{name}" is distinct from said.hidden',
            [file_id],
        ).fetchall()
    finally:
        warehouse.unregister("hidden_rows")
    return int(changed)
