"""The result of reading one file: the byte ledger and the table of text.

Segments are in file order and tile the bytes: `start[0] == 0`, `end[i] == start[i + 1]`,
`end[-1] == size`. Every segment has one fate. Records are the segments with fate DATA or BAD plus
those that are accounted for but carry none (blank lines, comments, footers); the header line and
the punctuation between JSON records are structure and no records.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
import pyarrow as pa

Ints = np.ndarray[tuple[int], np.dtype[np.int64]]
Bytes = np.ndarray[tuple[int], np.dtype[np.uint8]]


class Fate(IntEnum):
    """What became of a segment."""

    DATA = 0  # one row of the table
    BAD = 1  # to quarantine, with a reason
    BLANK = 2
    COMMENT = 3
    PREAMBLE = 4
    FOOTER = 5
    HEADER = 6  # structure: no record
    PUNCTUATION = 7  # structure: no record


SKIPPED = (Fate.BLANK, Fate.COMMENT, Fate.PREAMBLE, Fate.FOOTER)


@dataclass(slots=True, kw_only=True)
class Reading:
    """One file, read.

    Attributes:
        header: the cells of the header as the file has them, blanks at the ends stripped.
        names: the mapping's name for each column; None for columns it does not know.
        has_bytes: False for workbooks and Parquet, whose rows have no bytes of their own; their
            segments then are positions, not offsets.
        rows_before: rows of the sheets before this one.
        faults: (reason code, detail) by segment, for the bad ones.
        table: text columns `c0`, `c1`, ... with one row per DATA segment, in order.
    """

    encoding: str
    layout: str | None
    header: tuple[str, ...]
    names: tuple[str | None, ...]
    start: Ints
    end: Ints
    fate: Bytes
    table: pa.Table
    faults: dict[int, tuple[str, str]] = field(default_factory=dict)
    has_bytes: bool = True
    rows_before: int = 0

    def count(self, *fates: Fate) -> int:
        return int(np.isin(self.fate, fates).sum())

    def segments(self, fate: Fate) -> Ints:
        return np.flatnonzero(self.fate == fate)

    def row_numbers(self) -> Ints:
        """1-based number of each segment among the records that hold data, good or bad."""
        numbers = np.cumsum((self.fate == Fate.DATA) | (self.fate == Fate.BAD)).astype(np.int64)
        return numbers + self.rows_before


def text_table(columns: int, rows: int = 0) -> pa.Table:
    """An empty table of text with the given number of columns."""
    blank = pa.nulls(rows, pa.string())
    return pa.table({f"c{i}": blank for i in range(columns)})


def whole_file_bad(size: int, encoding: str, code: str, detail: str) -> Reading:
    """A file that is one bad record."""
    return Reading(
        encoding=encoding,
        layout=None,
        header=(),
        names=(),
        start=np.array([0], dtype=np.int64),
        end=np.array([size], dtype=np.int64),
        fate=np.array([Fate.BAD], dtype=np.uint8),
        table=text_table(0),
        faults={0: (code, detail)},
    )
