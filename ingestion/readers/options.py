"""What a reader has to be told about the files of a source; comes from the mapping."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

DELIMITERS = (",", "\t", ";", "|")
ENCODINGS = ("utf-8", "gb18030", "cp1252", "utf-16")


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """How the files of a source are written.

    Attributes:
        type: `auto` tells workbooks and Parquet by their first bytes, JSON and XML by their first
            character.
        encodings: tried in this order, strictly; a byte order mark always wins.
        comment: one ASCII character that starts a line which is no record.
        footers: texts that start the first line after the records.
        short_rows: cells missing at the end of a row are empty, as some systems write them.
        documents: where the records are in a JSON file: `$`, `[]`, `key`, `key[]`, `key.key[]`
            or `lines`; in an XML file: the name of their element, as `<Ntry>`.
        unused_sheets: sheets of a workbook that hold no records, such as notes to the reader.
    """

    type: Literal["auto", "csv", "json", "xml", "xlsx", "parquet"] = "auto"
    encodings: tuple[str, ...] = ("utf-8",)
    delimiter: str = ","
    comment: str | None = None
    footers: tuple[str, ...] = ()
    short_rows: bool = False
    documents: tuple[str, ...] = ("[]", "$")
    unused_sheets: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.delimiter not in DELIMITERS:
            raise ValueError(f"delimiter {self.delimiter!r} is not one of {DELIMITERS}")
        if unknown := set(self.encodings) - set(ENCODINGS):
            raise ValueError(f"encodings {sorted(unknown)} are not among {ENCODINGS}")
        # 0x7C is also the second byte of some Chinese characters.
        if self.delimiter == "|" and "gb18030" in self.encodings:
            raise ValueError("'|' cannot separate cells of a GB18030 file")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A layout the mapping recognised, and the name of each column in it (None: unknown)."""

    layout: str
    names: tuple[str | None, ...]


class Recognise(Protocol):
    """Header cells, or the keys of a JSON record, -> the layout they belong to."""

    def __call__(self, header: Sequence[str], sheet: str = "", /) -> Found | None: ...
