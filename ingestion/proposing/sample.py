"""Looking at a file: how it is written, what its columns are called, what stands in them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingestion.archives import unpack
from ingestion.errors import LandingError
from ingestion.readers import Fate, Format, Found, read
from ingestion.readers.router import kind_of

ROWS = 200
# Each column is compared with every other; no system's export comes near.
MAX_COLUMNS = 1_000
DELIMITERS = (",", "\t", ";", "|")
ENCODINGS = ("utf-8", "gb18030", "cp1252")
_NUMBER = re.compile(r"[-+¥￥$€£]?\d[\d,.:/ -]*")


class Unreadable(ValueError):
    """No table can be seen in the file; the message says what was tried, `code` in the terms'
    words."""

    def __init__(self, message: str, code: str = "no_table") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What a file looks like.

    Attributes:
        columns: headers, or for JSON the paths of values (`customer.name`), in file order.
        rows: up to 200 rows of text, None where a cell is empty.
        document: where JSON records lie; empty for tables.
        kind: csv, json, xlsx or parquet.
    """

    format: Format
    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    document: str = ""
    kind: str = ""

    def values(self, column: str) -> list[str]:
        """What stands in a column, empty cells left out."""
        at = self.columns.index(column)
        return [row[at] for row in self.rows if row[at]]  # type: ignore[misc]


def look_at(data: bytes) -> Sample:
    """Find the table in a file, or in the one file of an archive.

    Raises:
        Unreadable: there is none.
    """
    data = _unpacked(data)
    if not data.strip():
        raise Unreadable("the file is empty", "empty")
    kind = kind_of(data, Format())
    if kind in ("json", "xml"):
        return _few_enough(replace(_documents(data, kind), kind=kind))
    best: Sample | None = None
    for delimiter in DELIMITERS if kind == "csv" else (",",):
        encodings = ENCODINGS if delimiter != "|" else ("utf-8", "cp1252")
        found = _table(data, Format(encodings=encodings, delimiter=delimiter))
        # The separator that makes the most of it, and of equals the one that leaves nothing over.
        if found and (best is None or len(found.columns) > len(best.columns)):
            best = found
    if best is None:
        raise Unreadable(
            "no header is to be seen in the first 60 lines: a line of at least two different names "
            "above rows of as many cells"
        )
    return _few_enough(replace(best, kind=kind))


def _unpacked(data: bytes) -> bytes:
    try:
        inside = [item.data for item in unpack("sample", data)]
    except LandingError as error:
        raise Unreadable(error.problem, "damaged") from error
    if len(inside) != 1:
        text = f"the archive holds {len(inside)} files; a mapping is proposed for one at a time"
        raise Unreadable(text, "many_files")
    return inside[0]


def _few_enough(sample: Sample) -> Sample:
    if len(sample.columns) > MAX_COLUMNS:
        text = f"{len(sample.columns)} columns; a mapping is proposed for up to {MAX_COLUMNS}"
        raise Unreadable(text, "too_many_columns")
    return sample


def _table(data: bytes, form: Format) -> Sample | None:
    seen: list[tuple[str, ...]] = []

    def recognise(cells: Sequence[str], _sheet: str = "", /) -> Found | None:
        if not _is_header(cells):
            return None
        seen.append(tuple(cells))
        names = [f"c{i}" if cell else None for i, cell in enumerate(cells)]
        return Found(layout="sample", names=tuple(names))

    reading = read(data, form, recognise)
    if reading.layout is None and reading.faults.get(0, ("", ""))[0] == "unreadable_file":
        raise Unreadable(reading.faults[0][1], "unreadable_file")
    if reading.layout is None or not seen:
        return None
    # Most rows have to fit under it: else the line was no header but a sentence with commas.
    if reading.count(Fate.BAD) > max(1, reading.count(Fate.DATA)):
        return None
    columns = tuple(cell for cell in reading.header if cell)
    wanted = [i for i, cell in enumerate(reading.header) if cell]
    table = reading.table.slice(0, ROWS).to_pylist()
    rows = tuple(tuple(_cell(row[f"c{i}"]) for i in wanted) for row in table)
    return Sample(format=form, columns=columns, rows=rows)


def _is_header(cells: Sequence[str]) -> bool:
    named = [cell for cell in cells if cell]
    return (
        len(named) >= 2
        and len(named) >= len(cells) - 1
        and len({cell.casefold() for cell in named}) == len(named)
        and not any(_NUMBER.fullmatch(cell) for cell in named)
        and all(len(cell) <= 80 for cell in named)
    )


def _cell(text: str | None) -> str | None:
    return (text or "").strip() or None


def _documents(data: bytes, kind: str) -> Sample:
    if kind == "xml":
        text = "XML needs the name of the element that is a record: write the mapping"
        raise Unreadable(text, "xml")
    try:
        document, records = _records(_value(data))
        flat = [_flat(record) for record in records[:ROWS]]
    except RecursionError:
        raise Unreadable("the JSON is nested too deep to be a record", "broken_json") from None
    if not records:
        raise Unreadable("the JSON holds no record", "no_record")
    columns = tuple(dict.fromkeys(path for record in flat for path in record))
    rows = tuple(tuple(record.get(path) for path in columns) for record in flat)
    form = Format(type="json", documents=tuple(dict.fromkeys([document, "[]", "$"])))
    return Sample(format=form, columns=columns, rows=rows, document=document)


def _value(data: bytes) -> object:
    """One document, or one on each line. Besides its own errors `json` gives ValueError for
    numbers of thousands of digits."""
    try:
        return json.loads(data.decode("utf-8-sig"))
    except ValueError:
        pass
    try:
        return [json.loads(line) for line in data.decode("utf-8-sig").splitlines() if line.strip()]
    except ValueError as error:
        raise Unreadable(f"the JSON is broken: {error}", "broken_json") from error


def _records(value: object, path: str = "") -> tuple[str, list[dict[str, object]]]:
    """Where the records are: the list of objects that is reached first."""
    if isinstance(value, list):
        return (f"{path}[]" if path else "[]"), [v for v in value if isinstance(v, dict)]
    if not isinstance(value, dict):
        return path or "$", []
    for key, inner in value.items():
        deeper = f"{path}.{key}" if path else key
        if isinstance(inner, list) and inner and isinstance(inner[0], dict) and len(value) <= 6:
            return _records(inner, deeper)
        if isinstance(inner, dict) and len(value) == 1:
            return _records(inner, deeper)
    return path or "$", [value]


def _flat(record: dict[str, object], path: str = "") -> dict[str, str | None]:
    """The values of a record by their paths; lists are left out, they need a thought."""
    found: dict[str, str | None] = {}
    for key, value in record.items():
        if '"' in key or not key.isprintable():  # no path can name it
            continue
        name = f"{path}.{key}" if path else key
        if isinstance(value, dict):
            found |= _flat(value, name)
        elif not isinstance(value, list):
            found[name] = None if value is None else _cell(str(value))
    return found
