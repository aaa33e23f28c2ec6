"""Which reader reads a file: told by the mapping, or by the file's first bytes."""

from __future__ import annotations

from ingestion.readers.columnar import read_parquet
from ingestion.readers.delimited import read_delimited
from ingestion.readers.documents import read_documents
from ingestion.readers.markup import read_markup
from ingestion.readers.options import Format, Recognise
from ingestion.readers.reading import Reading
from ingestion.readers.workbooks import read_sheets, read_workbook

READERS = {
    "csv": read_delimited,
    "json": read_documents,
    "xml": read_markup,
    "xlsx": read_workbook,
    "parquet": read_parquet,
}


def read(data: bytes, options: Format, recognise: Recognise) -> Reading:
    """Read a file of any format. Bad bytes end in bad segments, not in exceptions."""
    return READERS[kind_of(data, options)](data, options, recognise)


def read_all(data: bytes, options: Format, recognise: Recognise) -> list[Reading]:
    """What a file holds: one reading, or one for each sheet of a workbook that holds anything."""
    if kind_of(data, options) == "xlsx":
        return read_sheets(data, options, recognise)
    return [read(data, options, recognise)]


def kind_of(data: bytes, options: Format) -> str:
    """csv, json, xml, xlsx or parquet."""
    if data[:4] == b"PK\x03\x04":
        return "xlsx"
    if data[:4] == b"PAR1":
        return "parquet"
    if options.type != "auto":
        return options.type
    first = data[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    return {b"{": "json", b"[": "json", b"<": "xml"}.get(first, "csv")
