"""Excel workbooks: the first sheet as text, counted a second time in the sheet's own XML."""

from __future__ import annotations

import io
import zipfile
from xml.parsers import expat

import fastexcel
import pyarrow as pa

from ingestion.readers.columnar import rows_reading
from ingestion.readers.delimited import BLANKS, HEADER_SEARCH
from ingestion.readers.options import Format, Recognise
from ingestion.readers.reading import Reading, whole_file_bad

# 511 KB of workbook have been seen to unpack to 521 MiB.
MAX_UNPACKED_BYTES = 512 << 20
MAX_RATIO = 200
RATIO_FREE_BYTES = 16 << 20


class _Unreadable(ValueError):
    pass


def read_workbook(data: bytes, options: Format, recognise: Recognise) -> Reading:
    """Read the first sheet of a workbook."""
    del options  # a workbook describes itself
    try:
        _check_size(data)
        rows = _rows(data)
        counted = _count_rows(data)
    except (_Unreadable, zipfile.BadZipFile, expat.ExpatError, KeyError) as error:
        return whole_file_bad(len(data), "xlsx", "unreadable_file", str(error)[:200])
    except fastexcel.FastExcelError as error:
        return whole_file_bad(len(data), "xlsx", "unreadable_file", str(error)[:200])
    if len(rows) != counted:
        detail = f"the sheet holds {counted} rows, {len(rows)} can be read"
        return whole_file_bad(len(data), "xlsx", "unreadable_file", detail)
    return _reading([row for row in rows if any(cell for cell in row)], recognise)


def _check_size(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        total = sum(member.file_size for member in archive.infolist())
    if total > MAX_UNPACKED_BYTES or total > max(RATIO_FREE_BYTES, MAX_RATIO * len(data)):
        raise _Unreadable(f"the workbook unpacks to {total} bytes")


def _rows(data: bytes) -> list[tuple[str | None, ...]]:
    """Every row with a cell in it, as text; a cell may hold an empty text."""
    sheet = fastexcel.read_excel(data).load_sheet(0, header_row=None, dtypes="string")
    columns = [column.to_pylist() for column in sheet.to_arrow().columns]
    rows = zip(*columns, strict=True)
    return [row for row in rows if any(cell is not None for cell in row)]


def _count_rows(data: bytes) -> int:
    """Rows with a value, by an XML reader that knows nothing of workbooks."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = sorted(n for n in archive.namelist() if n.startswith("xl/worksheets/sheet"))
        if not names:
            raise _Unreadable("the workbook has no sheet")
        text = archive.read("xl/worksheets/sheet1.xml" if len(names) > 1 else names[0])
    counter = _RowCounter()
    parser = expat.ParserCreate()
    parser.StartElementHandler = counter.start
    parser.EndElementHandler = counter.end
    parser.StartDoctypeDeclHandler = counter.refuse
    parser.Parse(text, True)
    return counter.rows


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

    def refuse(self, *_arguments: object) -> None:
        raise _Unreadable("the workbook declares a document type")


def _reading(rows: list[tuple[str | None, ...]], recognise: Recognise) -> Reading:
    for place, row in enumerate(rows[:HEADER_SEARCH]):
        header = tuple((cell or "").strip(BLANKS) for cell in row)
        if recognise(header) is not None:
            return rows_reading("xlsx", header, _table(rows[place + 1 :], len(row)), recognise)
    width = len(rows[0]) if rows else 0
    return rows_reading("xlsx", (), _table(rows, width), recognise)


def _table(rows: list[tuple[str | None, ...]], width: int) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * width
    return pa.table({f"c{i}": pa.array(columns[i], pa.string()) for i in range(width)})
