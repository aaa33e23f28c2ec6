"""Landed files of one source -> the write set of one transaction.

Reads each file, puts the rows of equal layouts together (hundreds of small files cost one pass),
shapes and protects them, and accounts for every record of every file.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa

from ingestion.landing import LandedFile
from ingestion.mapping import Mapping, StreamMap, TableMap
from ingestion.parameters import Parameters, with_parameters
from ingestion.protection import extra_column, protect, subjects_of
from ingestion.readers import Fate, Reading, read_all
from ingestion.readers.reading import SKIPPED, Ints
from ingestion.records import STREAMS
from ingestion.shapes import shapes_of
from ingestion.shaping import Batch, Fault, Shaped, Shaper
from ingestion.writing import Load, Quarantined, StatedTotal, StreamRows, WriteSet
from orderhouse.privacy import Privacy, masks

# Longer raw records stay in the landed file only; their byte range says where.
MAX_RAW_BYTES = 64 << 10

# Not allowed in a SQL name, and nothing one can see in a header.
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

# Segments of a file -> which of them to take: a replay takes the ones in quarantine.
Select = Callable[[LandedFile, Reading], np.ndarray]


@dataclass(slots=True)
class _Source:
    """One file, or one sheet of it, while it is being worked."""

    place: int
    data: bytes
    reading: Reading
    taken: np.ndarray  # by segment


@dataclass(slots=True)
class _Lineage:
    """Where each row of a batch comes from."""

    place: Ints
    sheet: Ints
    row_number: Ints
    start: Ints | None
    end: Ints | None

    def range_of(self, row: int) -> tuple[int | None, int | None]:
        if self.start is None or self.end is None:
            return None, None
        return int(self.start[row]), int(self.end[row])


class Assembly:
    """Builds write sets for one source."""

    def __init__(
        self,
        mapping: Mapping,
        shaper: Shaper,
        privacy: Privacy,
        *,
        now: datetime,
        tolerance: timedelta | None,
    ) -> None:
        self._mapping = mapping
        self._shaper = shaper
        self._privacy = privacy
        self._now = now
        self._tolerance = tolerance

    def build(
        self,
        files: Sequence[tuple[LandedFile, bytes]],
        first_seq: int,
        select: Select | None = None,
    ) -> WriteSet:
        """Everything the files hold, ready to be written as loads `first_seq`, +1, ..."""
        result = WriteSet()
        groups: dict[tuple[str, str, Parameters, bool], list[_Source]] = defaultdict(list)
        for place, (landed, data) in enumerate(files):
            sources = []
            for reading in read_all(data, self._mapping.format, self._mapping.recognise):
                taken = np.ones(len(reading.fate), dtype=bool)
                if select is not None:
                    taken = select(landed, reading)
                sources.append(_Source(place, data, reading, taken))
            result.loads.append(self._load(first_seq + place, landed, sources))
            if select is None:
                readings = [source.reading for source in sources]
                result.loads[-1].shapes = shapes_of(self._mapping, readings)
            for source in sources:
                reading = source.reading
                self._quarantine_segments(result, source)
                if reading.layout is not None:
                    key = (reading.layout, landed.shop_id, landed.parameters, reading.has_bytes)
                    groups[key].append(source)
        for (layout, shop, chosen, _), sources in sorted(groups.items()):
            mapping = with_parameters(self._mapping, chosen)
            self._shape_group(result, mapping, mapping.table(layout), shop, sources)
        return result

    def _load(self, sequence: int, landed: LandedFile, sources: list[_Source]) -> Load:
        fates = np.concatenate([source.reading.fate[source.taken] for source in sources])
        layouts = {source.reading.layout: None for source in sources if source.reading.layout}
        skipped = int(np.isin(fates, SKIPPED).sum())
        data = int((fates == Fate.DATA).sum())
        return Load(
            load_seq=sequence,
            file=landed,
            layout="+".join(layouts) or None,
            encoding=sources[0].reading.encoding,
            started_at=self._now,
            mapping_version=self._mapping.version,
            read=data + int((fates == Fate.BAD).sum()) + skipped,
            recorded=data,  # faults are taken off when they are found
            skipped=skipped,
        )

    def _shape_group(
        self,
        result: WriteSet,
        mapping: Mapping,
        table: TableMap,
        shop: str,
        sources: list[_Source],
    ) -> None:
        rows, lineage = _rows(table, sources)
        batch = Batch(
            mapping=mapping,
            table=table,
            shop=shop,
            rows=rows,
            sheets=lineage.sheet,
            limits=[self._limit(load.file.received_at) for load in result.loads],
        )
        shaped = self._shaper.shape(batch)
        self._count(result, lineage, shaped)
        self._quarantine_faults(result, batch, lineage, shaped.faults, sources)
        assigned = np.zeros(rows.num_rows, dtype=bool)
        for stream, records in shaped.records:
            if records.num_rows:
                values = self._protected(stream, records, shaped.extra, assigned)
                result.records.append(self._stream_rows(stream, shop, lineage, values))
                _count_stream(result, stream.stream, lineage, records)
        self._control_totals(result, batch, sources)

    def _limit(self, received_at: datetime) -> str | None:
        if self._tolerance is None:
            return None
        return (received_at + self._tolerance).isoformat(sep=" ")

    def _count(self, result: WriteSet, lineage: _Lineage, shaped: Shaped) -> None:
        for row in shaped.faults:
            load = result.loads[int(lineage.place[row])]
            load.recorded -= 1
            load.quarantined += 1
        places = np.bincount(lineage.place[shaped.skipped], minlength=len(result.loads))
        for load, skipped in zip(result.loads, places.tolist(), strict=True):
            load.recorded -= skipped
            load.skipped += skipped

    def _protected(
        self,
        stream: StreamMap,
        records: pa.Table,
        extra: pa.Table | None,
        assigned: np.ndarray,
    ) -> pa.Table:
        """Personal values replaced; what the mapping left over goes with the first stream."""
        values, subjects = protect(self._privacy, stream, records, self._mapping.phone_region)
        rows = records["_row"].to_numpy()
        if extra is not None:
            fresh = extra.filter(pa.array(~assigned[extra["_row"].to_numpy()]))
            if fresh.num_rows:
                if subjects is None:
                    region = self._mapping.phone_region
                    subjects = subjects_of(self._privacy, stream, values, region)
                column = extra_column(self._privacy, stream.stream, rows, subjects, fresh)
                values = values.append_column("extra", column)
        assigned[rows] = True
        return values

    def _stream_rows(
        self, stream: StreamMap, shop: str, lineage: _Lineage, values: pa.Table
    ) -> StreamRows:
        rows = values["_row"].to_numpy()
        mapping = self._mapping
        columns = {column.name for column in STREAMS[stream.stream].columns}
        defaults = {}
        if mapping.currency and "currency_code" in columns:
            defaults["currency_code"] = mapping.currency
        return StreamRows(
            stream=stream.stream,
            source=mapping.source,
            channel=mapping.channel or mapping.source,
            shop=shop,
            zone=mapping.zone if stream.has_zone else None,
            load=lineage.place[rows],
            row_number=lineage.row_number[rows],
            byte_from=None if lineage.start is None else lineage.start[rows],
            byte_to=None if lineage.end is None else lineage.end[rows],
            values=values.drop_columns("_row"),
            defaults=defaults,
        )

    def _quarantine_segments(self, result: WriteSet, source: _Source) -> None:
        """Records that are bad as bytes."""
        reading, load = source.reading, result.loads[source.place]
        numbers = reading.row_numbers()
        raws, heads = [], []
        for segment in np.flatnonzero((reading.fate == Fate.BAD) & source.taken).tolist():
            start, end = int(reading.start[segment]), int(reading.end[segment])
            code, detail = reading.faults.get(segment, ("unreadable_file", ""))
            raws.append(source.data[start:end] if reading.has_bytes else b"")
            span = (start, end) if reading.has_bytes else (None, None)
            heads.append((int(numbers[segment]), *span, Fault(code), detail))
        load.quarantined += len(heads)
        self._append_quarantine(result, source.place, heads, raws)

    def _quarantine_faults(
        self,
        result: WriteSet,
        batch: Batch,
        lineage: _Lineage,
        faults: dict[int, Fault],
        sources: list[_Source],
    ) -> None:
        """Records whose values are bad."""
        by_place = {source.place: source for source in sources}
        rows_by_place = defaultdict(list)
        for row in sorted(faults):
            rows_by_place[int(lineage.place[row])].append(row)
        for place, rows in rows_by_place.items():
            heads, raws = [], []
            for row in rows:
                start, end = lineage.range_of(row)
                number = int(lineage.row_number[row])
                heads.append((number, start, end, faults[row], ""))
                raws.append(
                    _row_text(batch.rows, row) if start is None else by_place[place].data[start:end]
                )
            self._append_quarantine(result, place, heads, raws)

    def _append_quarantine(
        self,
        result: WriteSet,
        place: int,
        heads: list[tuple[int, int | None, int | None, Fault, str]],
        raws: list[bytes],
    ) -> None:
        if not heads:
            return
        load = result.loads[place]
        file_id = load.file.file_id
        short = [raw if len(raw) <= MAX_RAW_BYTES else b"" for raw in raws]
        subjects = [f"file:{file_id}"] * len(short)
        ciphers = self._privacy.seal_bytes("quarantine.raw", short, subjects)
        encoding = load.encoding or "utf-8"
        for (number, start, end, fault, detail), raw, cipher in zip(
            heads, raws, ciphers, strict=True
        ):
            result.quarantine.append(
                Quarantined(
                    quarantine_id=_quarantine_id(file_id, number, start),
                    load=place,
                    stream=fault.stream,
                    row_number=number,
                    byte_from=start,
                    byte_to=end,
                    reason_code=fault.code,
                    column_name=fault.column,
                    detail=detail,
                    raw_cipher=cipher if raw else None,
                    raw_masked=masks.shape(_preview(raw, encoding)),
                )
            )

    def _control_totals(self, result: WriteSet, batch: Batch, sources: list[_Source]) -> None:
        if not batch.table.control_totals:
            return
        counted = self._shaper.control_totals(batch)
        # Sheets of one workbook are one file, whose totals are those of all of them.
        for source in {source.place: source for source in sources}.values():
            asides = _asides(source)
            for total in batch.table.control_totals:
                if total.pattern:
                    found = re.search(total.pattern, asides)
                    stated = found[1].replace(",", "") if found else None
                else:
                    stated = counted[total.name, "stated"].get(source.place)
                if stated is not None:
                    computed = counted[total.name, "computed"].get(source.place) or "0"
                    result.totals.append(
                        StatedTotal(
                            load=source.place, name=total.name, stated=stated, computed=computed
                        )
                    )


def _rows(table: TableMap, sources: list[_Source]) -> tuple[pa.Table, _Lineage]:
    """The good rows of all files under our names, and where they come from."""
    parts, places, numbers, starts, ends = [], [], [], [], []
    for source in sources:
        reading = source.reading
        segments = reading.segments(Fate.DATA)
        taken = source.taken[segments]
        part = reading.table.rename_columns(_column_names(reading))
        if not taken.all():
            part, segments = part.filter(pa.array(taken)), segments[taken]
        parts.append(part)
        places.append(np.full(len(segments), source.place, dtype=np.int64))
        numbers.append(reading.row_numbers()[segments])
        starts.append(reading.start[segments])
        ends.append(reading.end[segments])
    rows = pa.concat_tables(parts, promote_options="default")
    for name in () if table.document else table.names():
        if name not in rows.column_names:
            rows = rows.append_column(name, pa.nulls(rows.num_rows, pa.string()))
    has_bytes = sources[0].reading.has_bytes
    place = np.concatenate(places)
    rows = rows.append_column("_row", pa.array(np.arange(rows.num_rows, dtype=np.int64)))
    rows = rows.append_column("_f", pa.array(place))
    lineage = _Lineage(
        place,
        np.repeat(np.arange(len(sources)), [len(numbered) for numbered in numbers]),
        np.concatenate(numbers),
        np.concatenate(starts) if has_bytes else None,
        np.concatenate(ends) if has_bytes else None,
    )
    return rows, lineage


def _column_names(reading: Reading) -> list[str]:
    """Our name, or `?<header>` for a column the mapping does not know."""
    names: list[str] = []
    # DuckDB does not tell names apart by case.
    taken: set[str] = set()
    for position, (name, header) in enumerate(zip(reading.names, reading.header, strict=True)):
        label = name or "?" + _CONTROL.sub("\N{REPLACEMENT CHARACTER}", header)
        if label.casefold() in taken:
            label = f"{label} ({position + 1})"
        taken.add(label.casefold())
        names.append(label)
    return names


def _count_stream(result: WriteSet, stream: str, lineage: _Lineage, records: pa.Table) -> None:
    places = lineage.place[records["_row"].to_numpy()]
    for load, rows in zip(
        result.loads, np.bincount(places, minlength=len(result.loads)).tolist(), strict=True
    ):
        if rows:
            load.streams[stream] = load.streams.get(stream, 0) + rows


def _row_text(rows: pa.Table, row: int) -> bytes:
    values = rows.slice(row, 1).drop_columns(["_row", "_f"]).to_pylist()[0]
    return json.dumps(values, ensure_ascii=False).encode()


def _quarantine_id(file_id: str, number: int, start: int | None) -> str:
    return hashlib.md5(f"{file_id}|{number}|{start}".encode(), usedforsecurity=False).hexdigest()


def _preview(raw: bytes, encoding: str) -> str:
    name = encoding if encoding in ("utf-8", "gb18030", "cp1252") else "utf-8"
    if encoding.startswith("utf-16"):
        name = encoding
    return raw[:400].decode(name, "replace").strip()


def _asides(source: _Source) -> str:
    """The text of what is no record: comments, preamble, footers."""
    reading = source.reading
    name = reading.encoding if reading.has_bytes else "utf-8"
    places = np.flatnonzero(np.isin(reading.fate, SKIPPED))
    return "".join(
        source.data[reading.start[i] : reading.end[i]].decode(name, "replace") for i in places
    )
