"""Excel workbooks: their sheets as text, counted a second time in the sheets' own XML."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from xml.parsers import expat

import fastexcel
import pyarrow as pa

from ingestion.readers.columnar import rows_reading
from ingestion.readers.delimited import BLANKS, HEADER_SEARCH
from ingestion.readers.options import Format, Found, Recognise
from ingestion.readers.reading import Reading, whole_file_bad

# 511 KB of workbook have been seen to unpack to 521 MiB.
MAX_UNPACKED_BYTES = 512 << 20
MAX_RATIO = 200
RATIO_FREE_BYTES = 16 << 20


class _Unreadable(ValueError):
    pass


def read_workbook(data: bytes, options: Format, recognise: Recognise) -> Reading:
    """Read the first sheet of a workbook that holds anything."""
    return read_sheets(data, options, recognise)[0]


def read_sheets(data: bytes, options: Format, recognise: Recognise) -> list[Reading]:
    """Read every sheet of a workbook: one that no layout knows is rows in quarantine.

    Rows are numbered through the whole workbook, headers included, so that a row keeps its number
    whatever is known of the sheets before it.
    """
    try:
        _check_size(data)
        sheets = _sheets(data)
    except (_Unreadable, zipfile.BadZipFile, expat.ExpatError, KeyError) as error:
        return [whole_file_bad(len(data), "xlsx", "unreadable_file", str(error)[:200])]
    except fastexcel.FastExcelError as error:
        return [whole_file_bad(len(data), "xlsx", "unreadable_file", str(error)[:200])]
    readings: dict[str, Reading] = {}
    before = 0
    for name, rows in sheets:
        kept = [row for row in rows if any(cell for cell in row)]
        if kept and name not in options.unused_sheets:
            readings[name] = _reading(kept, name, recognise)
            readings[name].rows_before = before
        before += len(kept)
    known = any(reading.layout is not None for reading in readings.values())
    for name, reading in readings.items():
        if reading.layout is None and known:
            detail = f"the sheet {name[:60]!r} has the columns of no layout of the source"
            reading.faults = dict.fromkeys(reading.faults, ("unknown_sheet", detail))
    return list(readings.values()) or [_reading([], "", recognise)]


Rows = list[tuple[str | None, ...]]


def _check_size(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        total = sum(member.file_size for member in archive.infolist())
    if total > MAX_UNPACKED_BYTES or total > max(RATIO_FREE_BYTES, MAX_RATIO * len(data)):
        raise _Unreadable(f"the workbook unpacks to {total} bytes")


def _sheets(data: bytes) -> list[tuple[str, Rows]]:
    """Name and rows of every sheet of cells, in their order; charts are none."""
    counts, book = _count_rows(data), fastexcel.read_excel(data)
    sheets = [(name, _rows(book, name)) for name in book.sheet_names if name in counts]
    for name, rows in sheets:
        if len(rows) != counts[name]:
            raise _Unreadable(f"the sheet holds {counts[name]} rows, {len(rows)} can be read")
    return sheets


def _rows(book: fastexcel.ExcelReader, name: str) -> Rows:
    """Every row with a cell in it, as text; a cell may hold an empty text."""
    sheet = book.load_sheet(name, header_row=None, dtypes="string")
    columns = [column.to_pylist() for column in sheet.to_arrow().columns]
    rows = zip(*columns, strict=True)
    return [row for row in rows if any(cell is not None for cell in row)]


def _count_rows(data: bytes) -> dict[str, int]:
    """Rows with a value by sheet, by an XML reader that knows nothing of workbooks."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        places = _places(archive)
        if not places:
            raise _Unreadable("the workbook has no sheet")
        return {name: _count(archive.read(place)) for name, place in places.items()}


def _places(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet -> the member of the archive that holds its cells."""
    targets = {
        found["Id"]: found["Target"]
        for found in _elements(archive.read("xl/_rels/workbook.xml.rels"), "Relationship")
        if found.get("Type", "").endswith("/worksheet")
    }
    places = {}
    for sheet in _elements(archive.read("xl/workbook.xml"), "sheet"):
        link = next((value for name, value in sheet.items() if name.endswith(":id")), "")
        if link in targets:
            target = targets[link]
            places[sheet["name"]] = target[1:] if target[0] == "/" else f"xl/{target}"
    return places


def _elements(text: bytes, wanted: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == wanted:
            found.append(attributes)

    parser = _parser()
    parser.StartElementHandler = start
    parser.Parse(text, True)
    return found


def _count(text: bytes) -> int:
    counter = _RowCounter()
    parser = _parser()
    parser.StartElementHandler = counter.start
    parser.EndElementHandler = counter.end
    parser.Parse(text, True)
    return counter.rows


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    return parser


def _refuse(*_arguments: object) -> None:
    raise _Unreadable("the workbook declares a document type")


class _RowCounter:
    def __init__(self) -> None:
        self.rows = 0
        self._has_value = False

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if tag == "row":
            self._has_value = False
        elif tag in ("v", "is"):
            self._has_value = True

    def end(self, name: str) -> None:
        if name.rpartition(":")[2] == "row" and self._has_value:
            self.rows += 1


def _reading(rows: Rows, name: str, recognise: Recognise) -> Reading:
    def known(header: Sequence[str], _sheet: str = "", /) -> Found | None:
        return recognise(header, name)

    for place, row in enumerate(rows[:HEADER_SEARCH]):
        header = tuple((cell or "").strip(BLANKS) for cell in row)
        if known(header) is not None:
            return rows_reading("xlsx", header, _table(rows[place + 1 :], len(row)), known)
    width = len(rows[0]) if rows else 0
    return rows_reading("xlsx", (), _table(rows, width), known)


def _table(rows: Rows, width: int) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * width
    return pa.table({f"c{i}": pa.array(columns[i], pa.string()) for i in range(width)})
