"""Text rows of one layout -> text values of records, each row whole or not at all.

If any record that comes out of a row fails its grammar, the whole row is faulty and gives nothing.
Values leave this module as text that their kinds accept; `privacy` and casts come after.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion import shaping_sql
from ingestion.cells import has_edges
from ingestion.engine import enter_shop
from ingestion.errors import MappingError
from ingestion.mapping import Mapping, StreamMap, TableMap
from ingestion.readers.reading import Ints
from ingestion.records import STREAMS

MAX_POISON = 100


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row is bad."""

    code: str
    column: str | None = None
    stream: str | None = None


@dataclass(slots=True, kw_only=True)
class Batch:
    """Rows of one layout of one shop, from one file or many.

    Attributes:
        rows: `_row` (0, 1, ...), `_f` (number of the file), text columns by our names; columns the
            mapping does not know are called `?<header>`.
        sheets: by row, which sheet or file it is from: a copy of a sheet repeats no row of it.
        limits: per file, the last event time that is believed, as canonical text; None: any.
    """

    mapping: Mapping
    table: TableMap
    shop: str
    rows: pa.Table
    sheets: Ints
    limits: Sequence[str | None] = ()


@dataclass(slots=True, kw_only=True)
class Shaped:
    """What the rows of a batch became.

    Attributes:
        records: per stream of the mapping, `_row`, text values, `_subject` where given.
        extra: `_row`, `kept`, `sealed`: what no expression mentioned; None when there is nothing.
    """

    records: list[tuple[StreamMap, pa.Table]] = field(default_factory=list)
    faults: dict[int, Fault] = field(default_factory=dict)
    skipped: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    extra: pa.Table | None = None


class Shaper:
    """Runs mappings on the locked-down engine."""

    def __init__(self, engine: duckdb.DuckDBPyConnection) -> None:
        self._engine = engine

    def shape(self, batch: Batch) -> Shaped:
        """Shape one batch."""
        enter_shop(self._engine, batch.shop, batch.mapping.zone)
        return _Run(self._engine, batch).result()

    def control_totals(self, batch: Batch) -> dict[tuple[str, str], dict[int, str]]:
        """Per total, side (`computed`, `stated`) and file, the aggregate of the rows as text."""
        enter_shop(self._engine, batch.shop, batch.mapping.zone)
        base = shaping_sql.base_sql(batch.mapping, batch.table, batch.shop)
        self._engine.register("rows", batch.rows)
        totals = {}
        for total in batch.table.control_totals:
            for side, aggregate in (("computed", total.computed), ("stated", total.stated)):
                if aggregate:
                    query = shaping_sql.total_sql(base, aggregate)
                    found = self._engine.execute(query).fetchall()
                    totals[total.name, side] = dict(found)
        return totals


class _Run:
    def __init__(self, engine: duckdb.DuckDBPyConnection, batch: Batch) -> None:
        self._engine = engine
        self._batch = batch
        self._base = shaping_sql.base_sql(batch.mapping, batch.table, batch.shop)
        self._is_made = False
        self._live = np.ones(batch.rows.num_rows, dtype=bool)
        self._shaped = Shaped()

    def result(self) -> Shaped:
        table, shaped = self._batch.table, self._shaped
        self._clean_cells()
        self._register()
        if table.unused:
            shaped.skipped = np.flatnonzero(self._live)
            return shaped
        self._number_equal_rows()
        self._make_base()
        self._skip()
        plain = [s for s in table.streams if not s.group_by]
        grouped = [s for s in table.streams if s.group_by]
        results = {id(s): self._checked(s) for s in plain}
        results |= self._until_stable(grouped)
        for stream in plain:
            results[id(stream)] = self._living(results[id(stream)])
        self._blame_unmapped(results, plain, grouped)
        shaped.records = [(s, results[id(s)].drop_columns("_reason")) for s in table.streams]
        shaped.extra = self._unused_columns()
        return shaped

    def _until_stable(self, grouped: list[StreamMap]) -> dict[int, pa.Table]:
        """Grouped streams see only rows that are good everywhere, so a fault starts them again."""
        while True:
            before = int(self._live.sum())
            results = {id(s): self._checked(s) for s in grouped}
            if int(self._live.sum()) == before:
                return results

    def _register(self) -> None:
        rows = self._batch.rows
        live = rows if self._live.all() else rows.filter(pa.array(self._live))
        self._engine.register("rows", live)
        if self._is_made and live is not rows:
            self._base = shaping_sql.MADE_LIVE

    def _clean_cells(self) -> None:
        """Blanks, `="..."` and emptiness go; looking costs a tenth of removing."""
        rows = self._batch.rows
        dirty = [
            name
            for name in rows.column_names
            if pa.types.is_string(rows.schema.field(name).type) and has_edges(rows[name])
        ]
        if dirty and not self._batch.table.document:
            self._register()
            cleaned = self._query(shaping_sql.cleaned_sql(dirty))
            for name in dirty:
                place = rows.column_names.index(name)
                rows = rows.set_column(place, name, cleaned[name])
            self._batch.rows = rows

    def _number_equal_rows(self) -> None:
        """Adds `occurrence`: equal rows get 1, 2, ... whatever their order in the sheet."""
        if not self._batch.table.occurrence:
            return
        hashes = self._query(shaping_sql.occurrence_sql(self._batch.table))
        rows, same = _rows_of(hashes), hashes["same"].to_numpy()
        sheets = self._batch.sheets[rows]
        order = np.lexsort((rows, hashes["content"].to_numpy(), same, sheets))
        same, sheets = same[order], sheets[order]
        starts = np.ones(len(order), dtype=bool)
        starts[1:] = (same[1:] != same[:-1]) | (sheets[1:] != sheets[:-1])
        places = np.arange(len(order))
        first = np.maximum.accumulate(np.where(starts, places, 0))
        numbers = np.zeros(self._batch.rows.num_rows, dtype=np.int64)
        numbers[rows[order]] = places - first + 1
        self._batch.rows = self._batch.rows.append_column("occurrence", pa.array(numbers))
        self._register()

    def _make_base(self) -> None:
        """Run the table's own expressions once when several streams build on them."""
        table = self._batch.table
        if table.let and len(table.streams) > 1:
            self._query(shaping_sql.made_sql(self._base))
            self._base, self._is_made = shaping_sql.MADE, True

    def _skip(self) -> None:
        if self._batch.table.skip:
            found = self._query(shaping_sql.skipped_sql(self._base, self._batch.table))
            self._shaped.skipped = _rows_of(found)
            self._live[self._shaped.skipped] = False
            self._register()

    def _checked(self, stream: StreamMap) -> pa.Table:
        """The stream's records; rows with a faulty one are blamed and struck out."""
        found = self._query(shaping_sql.stream_sql(self._base, self._batch.table, stream))
        found = self._with_future(stream, found)
        if found["_reason"].null_count == found.num_rows:
            return found
        is_good = pc.is_null(found["_reason"])
        faulty = found.filter(pc.invert(is_good))
        rows = _rows_of(faulty)
        fault = Fault("mapping_error", None, stream.stream)
        for row, reason in zip(rows, faulty["_reason"].to_pylist(), strict=True):
            code, _, column = reason.partition(":")
            fault = Fault(code, column or None, stream.stream)
            self._blame([row], fault)
        if stream.group_by:
            members = shaping_sql.group_members_sql(self._base, stream, rows)
            self._blame(_rows_of(self._query(members)), fault)
        self._register()
        return found.filter(is_good)

    def _with_future(self, stream: StreamMap, found: pa.Table) -> pa.Table:
        """Blame events that happened after their file was received, beyond the tolerance."""
        column = STREAMS[stream.stream].event_time
        limits = self._batch.limits
        if column not in found.column_names or all(limit is None for limit in limits):
            return found
        files = self._batch.rows["_f"].to_numpy()[found["_row"].to_numpy()]
        limit = pa.array(list(limits), pa.string()).take(pa.array(files))
        # Canonical times sort as text.
        late = pc.fill_null(pc.greater(found[column], limit), False)
        if not pc.any(late).as_py():
            return found
        reason = pc.if_else(late, f"future_time:{column}", pa.scalar(None, pa.string()))
        place = found.column_names.index("_reason")
        return found.set_column(place, "_reason", pc.coalesce(found["_reason"], reason))

    def _blame(self, rows: Sequence[int] | Ints, fault: Fault) -> None:
        for row in rows:
            self._shaped.faults.setdefault(int(row), fault)
            self._live[int(row)] = False

    def _living(self, found: pa.Table) -> pa.Table:
        rows = _rows_of(found)
        keep = self._live[rows]
        return found if keep.all() else found.filter(pa.array(keep))

    def _blame_unmapped(
        self, results: dict[int, pa.Table], plain: list[StreamMap], grouped: list[StreamMap]
    ) -> None:
        """A row that no stream takes is a row that would be lost."""
        lost = self._live.copy()
        for stream in plain:
            lost[_rows_of(results[id(stream)])] = False
        if lost.any():
            for stream in grouped:
                query = shaping_sql.taken_sql(self._base, stream)
                lost[_rows_of(self._query(query))] = False
        self._blame(np.flatnonzero(lost), Fault("unmapped_row"))

    def _unused_columns(self) -> pa.Table | None:
        used = shaping_sql.words(self._batch.table)
        unused = [
            name
            for name in self._batch.rows.column_names
            if name not in used and not name.startswith("_") and self._has_text(name)
        ]
        if not unused:
            return None
        self._register()
        return self._query(shaping_sql.unused_sql(self._base, self._batch.table, unused))

    def _has_text(self, name: str) -> bool:
        column = self._batch.rows[name]
        return bool(pc.any(pc.greater(pc.binary_length(column), 0)).as_py())

    def _query(self, query: str) -> pa.Table:
        """Run a statement; rows on which the mapping itself fails are found and blamed."""
        for _ in range(MAX_POISON):
            try:
                return self._engine.sql(query).to_arrow_table()
            except duckdb.Error as error:
                self._find_poison(query, error)
        raise MappingError(f"{self._place()} fails on more than {MAX_POISON} rows of one batch")

    def _find_poison(self, query: str, error: duckdb.Error) -> None:
        rows = self._batch.rows.filter(pa.array(self._live))
        if self._fails(query, rows.slice(0, 0)):
            raise MappingError(f"{self._place()}: {error}") from error
        while rows.num_rows > 1:
            half = rows.slice(0, rows.num_rows // 2)
            rest = rows.slice(rows.num_rows // 2)
            rows = half if self._fails(query, half) else rest
        if not self._fails(query, rows):
            raise MappingError(f"{self._place()}: {error}") from error
        self._blame(_rows_of(rows), Fault("mapping_error"))
        self._register()

    def _fails(self, query: str, rows: pa.Table) -> bool:
        self._engine.register("rows", rows)
        query = query.replace(shaping_sql.MADE, shaping_sql.MADE_LIVE)
        try:
            self._engine.execute(query).fetchall()
        except duckdb.Error:
            return True
        return False

    def _place(self) -> str:
        return f"sources/{self._batch.mapping.source}, table {self._batch.table.name}"


def _rows_of(table: pa.Table) -> Ints:
    return table["_row"].to_numpy().astype(np.int64)
