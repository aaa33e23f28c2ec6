"""The entry: landed but not loaded files -> the warehouse, and the ledger's decisions likewise.

Idempotent by file id: a crash between the commit and the mark leaves a pending file that the next
call recognises as loaded. One process at a time holds the warehouse.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

import duckdb

from ingestion.assembly import Assembly
from ingestion.engine import open_engine
from ingestion.errors import MappingError
from ingestion.landing import LandedFile, Landing
from ingestion.mapping import load_mapping
from ingestion.own_records import load_records
from ingestion.shaping import Shaper
from ingestion.warehouse import open_warehouse
from ingestion.writing import WriteSet, last_load_seq, loaded_files, write
from orderhouse.privacy import Privacy, files, open_privacy
from orderhouse.settings import Settings

__all__ = ["IngestReport", "ingest", "load_records"]

CLOCK_SKEW = timedelta(minutes=15)
# One transaction: large enough to make small files cheap, small enough to stay in memory.
BATCH_BYTES = 64 << 20
BATCH_FILES = 500


@dataclass(slots=True, kw_only=True)
class IngestReport:
    """What one call did.

    Attributes:
        new_streams: streams that got records; selects what has to be rebuilt.
        failed: file id -> why it could not be read from the landing; it stays pending.
    """

    from_seq: int = 0
    to_seq: int = 0
    files: int = 0
    read: int = 0
    recorded: int = 0
    quarantined: int = 0
    skipped: int = 0
    new_streams: set[str] = field(default_factory=set)
    stream_rows: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def add(self, batch: WriteSet) -> None:
        for load in batch.loads:
            self.files += 1
            self.to_seq = load.load_seq
            self.read += load.read
            self.recorded += load.recorded
            self.quarantined += load.quarantined
            self.skipped += load.skipped
            for stream, rows in load.streams.items():
                self.stream_rows[stream] = self.stream_rows.get(stream, 0) + rows
                self.new_streams.add(stream)


def ingest(
    settings: Settings,
    now: datetime,
    *,
    sources: Sequence[str] | None = None,
    limit: int | None = None,
    tolerance: timedelta | None = CLOCK_SKEW,
    warehouse: duckdb.DuckDBPyConnection | None = None,
) -> IngestReport:
    """Load every pending file, oldest first.

    Args:
        tolerance: how far after its receipt an event may lie; None believes any time.
        warehouse: an open connection to use; by default one is opened and closed.
    """
    with ExitStack() as stack:
        privacy = open_privacy(settings)
        stack.callback(privacy.vault.close)
        if warehouse is None:
            warehouse = stack.enter_context(open_warehouse(settings))
        landing = Landing(settings.landing_dir, privacy)
        engine = stack.enter_context(
            open_engine(settings.duckdb_threads, settings.duckdb_memory_limit)
        )
        report = IngestReport(from_seq=last_load_seq(warehouse))
        report.to_seq = report.from_seq
        pending = _pending(landing, warehouse, sources, limit)
        for batch in _batches(pending):
            work = _Work(
                warehouse, landing, privacy, Shaper(engine), now, tolerance, settings.sources_dir
            )
            work.load(batch, report)
        return report


def _pending(
    landing: Landing,
    warehouse: duckdb.DuckDBPyConnection,
    sources: Sequence[str] | None,
    limit: int | None,
) -> list[LandedFile]:
    pending = [f for f in landing.pending() if sources is None or f.source in sources]
    # Committed by a run that died before it could say so.
    done = loaded_files(warehouse, [file.file_id for file in pending]) if pending else set()
    landing.mark_loaded(sorted(done))
    return [file for file in pending if file.file_id not in done][:limit]


def _batches(pending: Iterable[LandedFile]) -> Iterator[list[LandedFile]]:
    """Files of one source, up to the limits of one transaction."""
    for _, of_source in groupby(sorted(pending, key=lambda f: f.source), key=lambda f: f.source):
        batch: list[LandedFile] = []
        size = 0
        for file in of_source:
            if batch and (size + file.size_bytes > BATCH_BYTES or len(batch) >= BATCH_FILES):
                yield batch
                batch, size = [], 0
            batch.append(file)
            size += file.size_bytes
        if batch:
            yield batch


@dataclass(slots=True)
class _Work:
    warehouse: duckdb.DuckDBPyConnection
    landing: Landing
    privacy: Privacy
    shaper: Shaper
    now: datetime
    tolerance: timedelta | None
    own_sources: Path

    def load(self, batch: list[LandedFile], report: IngestReport) -> None:
        """Read, shape and write one batch."""
        try:
            mapping = load_mapping(batch[0].source, self.own_sources)
        except MappingError as error:
            report.failed |= {file.file_id: str(error) for file in batch}
            return
        contents = []
        for file in batch:
            try:
                contents.append((file, self.landing.read(file.file_id)))
            except (files.DamagedFile, OSError) as error:
                report.failed[file.file_id] = str(error)
        if not contents:
            return
        assembly = Assembly(
            mapping, self.shaper, self.privacy, now=self.now, tolerance=self.tolerance
        )
        written = assembly.build(contents, last_load_seq(self.warehouse) + 1)
        write(self.warehouse, written, self.now)
        self.landing.mark_loaded(file.file_id for file, _ in contents)
        report.add(written)
