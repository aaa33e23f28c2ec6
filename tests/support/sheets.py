"""Reading a workbook and a PDF back, without the code that wrote them."""

from __future__ import annotations

import io
import re
import zipfile
from xml.etree import ElementTree

from pypdf import PdfReader

_CELL = re.compile(r"([A-Z]+)(\d+)")
Grid = dict[tuple[int, int], str | float]


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def sheets(raw: bytes) -> list[tuple[str, Grid]]:
    """(name, (row, column) -> value) of each sheet, as the file has them."""
    with zipfile.ZipFile(io.BytesIO(raw)) as book:
        shared = [
            "".join(part.text or "" for part in item.iter() if _tag(part) == "t")
            for item in ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
        ]
        listed = ElementTree.fromstring(book.read("xl/workbook.xml"))
        names = [item.get("name") or "" for item in listed.iter() if _tag(item) == "sheet"]
        return [
            (name, _grid(book.read(f"xl/worksheets/sheet{number}.xml"), shared))
            for number, name in enumerate(names, 1)
        ]


def _grid(raw: bytes, shared: list[str]) -> Grid:
    found: Grid = {}
    for cell in ElementTree.fromstring(raw).iter():
        if _tag(cell) != "c":
            continue
        assert all(_tag(part) != "f" for part in cell), "a formula"
        place = _CELL.fullmatch(cell.get("r") or "")
        value = next((part.text for part in cell if _tag(part) == "v"), None)
        if place is None or value is None:
            continue
        is_text = cell.get("t") == "s"
        key = int(place.group(2)) - 1, _column(place.group(1))
        found[key] = shared[int(value)] if is_text else float(value)
    return found


def words(raw: bytes) -> str:
    """The text of a PDF without its spaces, which a typesetter puts where it likes."""
    pages = PdfReader(io.BytesIO(raw)).pages
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in pages))
