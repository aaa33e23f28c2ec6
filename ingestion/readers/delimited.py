"""Delimited text: split by our own ledger, parsed by Arrow in memory, accepted when both agree.

The parser gets only good records, as UTF-8, with an explicit dialect and every column as text. If
it counts differently, each record is parsed on its own and the ones in dispute are quarantined.
Nothing is written to disk in clear.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from ingestion.readers import encodings
from ingestion.readers.encodings import Decoded
from ingestion.readers.options import Format, Found, Recognise
from ingestion.readers.reading import Bytes, Fate, Reading, text_table, whole_file_bad
from ingestion.readers.splitting import Records, split

MAX_LINE_BYTES = 2 << 20
HEADER_SEARCH = 60
BLANKS = " \t\r\n\ufeff\u00a0\u3000"


@dataclass(slots=True)
class _Ledger:
    """The records of one file and what becomes of each."""

    decoded: Decoded
    records: Records
    fate: Bytes
    faults: dict[int, tuple[str, str]] = field(default_factory=dict)

    def blame(self, number: int, code: str, detail: str = "") -> None:
        self.fate[number] = Fate.BAD
        self.faults.setdefault(int(number), (code, detail))

    def raw(self, number: int) -> bytes:
        return self.decoded.data[self.records.start[number] : self.records.stop[number]]


def read_delimited(data: bytes, options: Format, recognise: Recognise) -> Reading:
    """Read a CSV or TSV file."""
    decoded = encodings.detect(data, options.encodings)
    if decoded.name.startswith("utf-16") and not decoded.is_clean:
        return whole_file_bad(len(data), decoded.name, "bad_encoding", "broken UTF-16")
    records = split(decoded.data, decoded.offset, options.delimiter)
    ledger = _Ledger(decoded, records, np.zeros(len(records.start), dtype=np.uint8))
    _mark_asides(ledger, options)
    header, found = _find_header(ledger, options, recognise)
    width = len(header) if found else None
    _mark_damage(ledger)
    if width is not None:
        _mark_ragged(ledger, width, options)
    table = _parse(ledger, options, width) if width is not None else _unknown(ledger)
    return _reading(data, ledger, header, found, table)


def _mark_asides(ledger: _Ledger, options: Format) -> None:
    """Blank lines, comments and everything from the first footer line on."""
    records, data = ledger.records, ledger.decoded.data
    ledger.fate[records.stop == records.start] = Fate.BLANK
    for number in np.flatnonzero((records.stop - records.start < 8) & (records.delimiters == 0)):
        if not ledger.raw(number).strip():
            ledger.fate[number] = Fate.BLANK
    if options.comment and len(records.start):
        units = np.frombuffer(data, dtype=np.uint8)
        first = units[np.minimum(records.start, len(data) - 1)]
        marked = (first == ord(options.comment)) & (ledger.fate == Fate.DATA)
        ledger.fate[marked] = Fate.COMMENT
    for footer in options.footers:
        place = data.find(b"\n" + footer.encode(ledger.decoded.encoding, "ignore"))
        if place >= 0:
            first_footer = int(np.searchsorted(records.start, place + 1))
            rest = ledger.fate[first_footer:]
            rest[rest == Fate.DATA] = Fate.FOOTER


def _find_header(
    ledger: _Ledger, options: Format, recognise: Recognise
) -> tuple[tuple[str, ...], Found | None]:
    """Mark the header and what stands before it; without one every record stays to be blamed."""
    for number in np.flatnonzero(ledger.fate == Fate.DATA)[:HEADER_SEARCH]:
        text = ledger.raw(number).decode(ledger.decoded.encoding, "replace")
        cells = tuple(cell.strip(BLANKS) for cell in _cells(text, options.delimiter))
        found = recognise(cells)
        if found is not None:
            before = ledger.fate[:number]
            before[before == Fate.DATA] = Fate.PREAMBLE
            ledger.fate[number] = Fate.HEADER
            return cells, found
    return (), None


def _cells(text: str, delimiter: str) -> list[str]:
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        return []
    return rows[0] if len(rows) == 1 else []


def _unknown(ledger: _Ledger) -> pa.Table:
    for number in np.flatnonzero(ledger.fate == Fate.DATA):
        ledger.blame(number, "schema_mismatch", "no layout of the source has these columns")
    return text_table(0)


def _mark_damage(ledger: _Ledger) -> None:
    """Bad bytes, NULs, endless lines and quotes; costs nothing when there are none."""
    records, data = ledger.records, ledger.decoded.data
    is_data = ledger.fate == Fate.DATA
    for number in np.flatnonzero(is_data & (records.end - records.start > MAX_LINE_BYTES)):
        ledger.blame(number, "line_too_long")
    for number in _with_nul(data, records) if b"\x00" in data else ():
        if is_data[number]:
            ledger.blame(number, "nul_byte")
    if not ledger.decoded.is_clean:
        for number in np.flatnonzero(is_data).tolist():
            if not encodings.decodes(ledger.raw(number), ledger.decoded.encoding):
                ledger.blame(number, "bad_encoding", f"not {ledger.decoded.encoding}")
    for number in records.bad_quotes & set(np.flatnonzero(is_data).tolist()):
        ledger.blame(number, "unterminated_quote")


def _with_nul(data: bytes, records: Records) -> np.ndarray:
    zeros = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == 0)
    return np.unique(np.maximum(np.searchsorted(records.start, zeros, side="right") - 1, 0))


def _mark_ragged(ledger: _Ledger, width: int, options: Format) -> None:
    records = ledger.records
    is_data = ledger.fate == Fate.DATA
    hollow = is_data & (records.stop - records.start == records.delimiters)
    if width > 1:
        ledger.fate[hollow & (records.delimiters > 0)] = Fate.BLANK
    ragged = (ledger.fate == Fate.DATA) & (records.delimiters != width - 1)
    for number in np.flatnonzero(ragged):
        if not ledger.raw(number).strip():
            ledger.fate[number] = Fate.BLANK
            continue
        cells = int(records.delimiters[number]) + 1
        if options.short_rows and cells < width:
            continue
        # A separator behind the last cell, and nothing after it: no cell is meant by it.
        if cells > width and _extra_cells(ledger, number, cells - width, options.delimiter):
            continue
        ledger.blame(number, "ragged_row", f"{cells} cells under {width} columns")


def _parse(ledger: _Ledger, options: Format, width: int) -> pa.Table:
    good = np.flatnonzero(ledger.fate == Fate.DATA)
    if not len(good):
        return text_table(width)
    text = _good_text(ledger, good)
    if (ledger.records.delimiters[good] != width - 1).any():
        text = _evened(ledger, good, width, options.delimiter)
    try:
        table = _arrow(text, options.delimiter, width, ledger.records.has_inner_lines)
    except pa.ArrowInvalid:
        table = None
    if table is not None and table.num_rows == len(good):
        return table
    return _one_by_one(ledger, options, width, good)


def _good_text(ledger: _Ledger, good: np.ndarray) -> bytes | memoryview:
    """The good records as UTF-8; a view of the landed bytes where they are all together."""
    records = ledger.records
    breaks = np.flatnonzero(np.diff(good) != 1)
    firsts = good[np.concatenate([[0], breaks + 1])]
    lasts = good[np.concatenate([breaks, [len(good) - 1]])]
    view = memoryview(ledger.decoded.data)
    parts = [
        view[records.start[first] : records.end[last]]
        for first, last in zip(firsts, lasts, strict=True)
    ]
    text = parts[0] if len(parts) == 1 else b"".join(parts)
    if ledger.decoded.encoding == "utf-8":
        return text
    return bytes(text).decode(ledger.decoded.encoding).encode()


def _extra_cells(ledger: _Ledger, number: int, extra: int, delimiter: str) -> str:
    """The blank cells a record ends with beyond its header; empty when they are not blank."""
    text = ledger.raw(number).decode(ledger.decoded.encoding, "replace").rstrip("\r\n")
    found = re.search(rf"(?:{re.escape(delimiter)}[ \t]*){{{extra}}}\Z", text)
    return found[0] if found else ""


def _evened(ledger: _Ledger, good: np.ndarray, width: int, delimiter: str) -> bytes:
    """The good records as UTF-8, each with as many cells as the header."""
    lines = []
    for number in good.tolist():
        text = ledger.raw(number).decode(ledger.decoded.encoding).rstrip("\r\n")
        lacking = width - 1 - int(ledger.records.delimiters[number])
        if lacking < 0:
            text = text.removesuffix(_extra_cells(ledger, number, -lacking, delimiter))
        lines.append(text + delimiter * max(0, lacking))
    return "\n".join([*lines, ""]).encode()


def _arrow(text: bytes | memoryview, delimiter: str, width: int, inner_lines: bool) -> pa.Table:
    names = [f"c{i}" for i in range(width)]
    return arrow_csv.read_csv(
        pa.BufferReader(pa.py_buffer(text)),
        read_options=arrow_csv.ReadOptions(
            column_names=names, block_size=2 * MAX_LINE_BYTES + (4 << 20)
        ),
        parse_options=arrow_csv.ParseOptions(
            delimiter=delimiter,
            quote_char='"',
            double_quote=True,
            escape_char=False,
            newlines_in_values=inner_lines,
            ignore_empty_lines=False,
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            # An empty cell says nothing, quoted or not.
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
            check_utf8=False,  # checked before, for the whole file or each record
        ),
    )


def _one_by_one(ledger: _Ledger, options: Format, width: int, good: np.ndarray) -> pa.Table:
    rows = []
    for number in good:
        cells = _cells(ledger.raw(number).decode(ledger.decoded.encoding), options.delimiter)
        if options.short_rows:
            cells += [""] * (width - len(cells))
        if not any(cell.strip() for cell in cells[width:]):
            cells = cells[:width]
        if len(cells) == width:
            rows.append([cell or None for cell in cells])
        else:
            ledger.blame(number, "ragged_row", "its quotes can be read in more than one way")
    columns = list(zip(*rows, strict=True)) or [()] * width
    return pa.table({f"c{i}": pa.array(columns[i], pa.string()) for i in range(width)})


def _reading(
    data: bytes, ledger: _Ledger, header: tuple[str, ...], found: Found | None, table: pa.Table
) -> Reading:
    start, end = ledger.records.start.copy(), ledger.records.end.copy()
    if ledger.decoded.encoding != ledger.decoded.name:
        start = encodings.original_offsets(ledger.decoded, data, start)
        end = encodings.original_offsets(ledger.decoded, data, end)
    fate, faults = ledger.fate, ledger.faults
    if len(start):
        start[0] = 0  # the byte order mark belongs to the first line
    elif data:
        start, end = np.array([0]), np.array([len(data)])
        fate = np.array([Fate.BLANK], dtype=np.uint8)
    return Reading(
        encoding=ledger.decoded.name,
        layout=found.layout if found else None,
        header=header,
        names=found.names if found else (),
        start=start,
        end=end,
        fate=fate,
        table=table,
        faults=faults,
    )
