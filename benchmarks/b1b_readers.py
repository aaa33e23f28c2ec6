"""B1b: each reader alone, in MB per CPU second, beside the barest reading of the same file.

The bare side is DuckDB where DuckDB has a reader, else the library the field would take. It decides
nothing: it keeps no ledger of bytes, quarantines nothing, and stops at a bad record.
"""

from __future__ import annotations

import io
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import duckdb
import fastexcel
import polars as pl
import xlsxwriter

from benchmarks.b1a_load import write_file
from benchmarks.measure import Comparison, compare
from ingestion.readers import Format, Found, read

HEADER = (
    "| Reader | File | MB | ours, MB per CPU s | bare, MB per CPU s | bare is | ratio (95 %) |\n"
    "|---|---|---:|---:|---:|---|---:|"
)
# A workbook holds the fewest rows for its bytes, and takes the longest for each.
_SHARES = {"csv": 1.0, "csv_gb18030": 1.0, "json_lines": 0.5, "json_array": 0.5, "xml": 0.25,
           "xlsx": 0.125, "parquet": 1.0}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One file and both ways to read it; each returns the number of rows it found."""

    name: str
    path: Path
    ours: Callable[[bytes], int]
    bare: Callable[[Path], int]
    bare_name: str


def run(rows: int, pairs: int) -> Iterator[str]:
    """Rows of the report, one a reader."""
    folder = Path(tempfile.mkdtemp(prefix="b1b-"))
    try:
        whole = folder / "events.csv"
        write_file(whole, rows)
        table = pl.read_csv(whole, infer_schema=False).fill_null("")
        for case in _cases(folder, table):
            yield _measured(case, pairs)
    finally:
        shutil.rmtree(folder)


def _measured(case: Case, pairs: int) -> str:
    data, size = case.path.read_bytes(), case.path.stat().st_size / 1e6
    found = case.ours(data), case.bare(case.path)
    assert found[0] == found[1], (case.name, found)
    done: Comparison = compare(
        case.name, lambda: case.ours(data), lambda: case.bare(case.path), pairs
    )
    return (
        f"| {case.name} | {case.path.name} | {size:.1f} | {size / done.ours.cpu:.0f} | "
        f"{size / done.baseline.cpu:.0f} | {case.bare_name} | "
        f"{done.ratio:.2f} ({done.low:.2f} to {done.high:.2f}) |"
    )


def _cases(folder: Path, table: pl.DataFrame) -> Iterator[Case]:
    def part(name: str) -> pl.DataFrame:
        return table.head(int(table.height * _SHARES[name]))

    def kept(name: str, data: bytes) -> Path:
        path = folder / name
        path.write_bytes(data)
        return path

    utf8 = part("csv").write_csv().encode()
    yield Case(
        name="csv", path=kept("utf-8.csv", utf8), ours=_reader(Format(type="csv")),
        bare=_duckdb("read_csv(?, all_varchar = true)"), bare_name="DuckDB `read_csv`",
    )  # fmt: skip
    # DuckDB has no GB18030 without an extension: it is given the same table in UTF-8.
    other = kept("gb18030.csv", utf8.decode().replace("WH1", "杭州仓").encode("gb18030"))
    plain = kept("of-gb18030.csv", other.read_bytes().decode("gb18030").encode())
    yield Case(
        name="csv, GB18030", path=other,
        ours=_reader(Format(type="csv", encodings=("utf-8", "gb18030"))),
        bare=lambda _: _duckdb("read_csv(?, all_varchar = true)")(plain),
        bare_name="DuckDB `read_csv` of it in UTF-8",
    )  # fmt: skip
    records = part("json_lines").to_dicts()
    lines = "".join(json.dumps(one) + "\n" for one in records).encode()
    yield Case(
        name="json, a record a line", path=kept("records.jsonl", lines),
        ours=_reader(Format(type="json", documents=("lines",)), is_document=True),
        bare=_duckdb("read_json_objects(?, format = 'newline_delimited')"),
        bare_name="DuckDB `read_json_objects`",
    )  # fmt: skip
    yield Case(
        name="json, one list", path=kept("records.json", json.dumps(records).encode()),
        ours=_reader(Format(type="json", documents=("[]",)), is_document=True),
        bare=_duckdb("read_json_objects(?, format = 'array', maximum_object_size = 1000000000)"),
        bare_name="DuckDB `read_json_objects`",
    )  # fmt: skip
    yield Case(
        name="xml", path=kept("records.xml", _xml(part("xml"))),
        ours=_reader(Format(type="xml", documents=("<record>",)), is_document=True),
        bare=_elements, bare_name="`ElementTree.iterparse`",
    )  # fmt: skip
    yield Case(
        name="xlsx", path=kept("book.xlsx", _book(part("xlsx"))),
        ours=_reader(Format(type="xlsx")), bare=_sheet, bare_name="`fastexcel`",
    )  # fmt: skip
    path = folder / "table.parquet"
    part("parquet").write_parquet(path)
    yield Case(
        name="parquet", path=path, ours=_reader(Format(type="parquet")),
        bare=_duckdb("read_parquet(?)"), bare_name="DuckDB `read_parquet`",
    )  # fmt: skip


def _reader(options: Format, *, is_document: bool = False) -> Callable[[bytes], int]:
    def recognise(cells: Sequence[str], _sheet: str = "", /) -> Found:
        names = ("document",) if is_document else tuple(cells)
        return Found(layout="events", names=names)

    def ours(data: bytes) -> int:
        reading = read(data, options, recognise)
        assert not reading.faults, reading.faults
        return reading.table.num_rows

    return ours


def _duckdb(relation: str) -> Callable[[Path], int]:
    def bare(path: Path) -> int:
        with duckdb.connect(config={"threads": 2}) as con:
            return con.sql(f"from {relation}", params=[str(path)]).to_arrow_table().num_rows

    return bare


def _elements(path: Path) -> int:
    count = 0
    for _, element in ElementTree.iterparse(path):
        if element.tag == "record":
            count += 1
            ElementTree.tostring(element)
            element.clear()
    return count


def _sheet(path: Path) -> int:
    sheet = fastexcel.read_excel(path).load_sheet(0, dtypes="string")
    return sheet.to_arrow().num_rows


def _xml(table: pl.DataFrame) -> bytes:
    rows = (
        "".join(f"<{name}>{escape(value)}</{name}>" for name, value in row.items())
        for row in table.iter_rows(named=True)
    )
    return f"<records>{''.join(f'<record>{row}</record>' for row in rows)}</records>".encode()


def _book(table: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        table.write_excel(book, autofilter=False)
    return buffer.getvalue()
