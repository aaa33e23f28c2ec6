"""Where the records of delimited text begin and end, and how many delimiters each has.

Two ways give the same answer. The fast one works on whole arrays of positions and applies when the
quotes of the file obey RFC 4180 (plus the `="..."` habit of Excel exports). The careful one walks
record by record with a regular expression and confines the damage of a stray quote to its record.
A quote is special only at the start of a cell; a record ends at LF, CRLF or a lone CR outside
quotes. All of it works on bytes: in every encoding read here the bytes of quotes, delimiters and
line ends occur as nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ingestion.readers.reading import Bytes, Ints

LF, CR, QUOTE = 10, 13, 34
PIECE = 1 << 18


@dataclass(frozen=True, slots=True)
class Records:
    """Record boundaries: `[start, end)` with the line end, `stop` without it."""

    start: Ints
    stop: Ints
    end: Ints
    delimiters: Ints
    bad_quotes: frozenset[int]  # records in which a quoted cell does not end
    has_inner_lines: bool  # some record spans lines


def split(data: bytes, offset: int, delimiter: str) -> Records:
    """The records of `data[offset:]`."""
    units = np.frombuffer(data, dtype=np.uint8)
    if QUOTE not in units[offset:]:
        return _from_positions(units, offset, ord(delimiter), None)
    quotes = _special_quotes(data, units, offset, delimiter)
    if quotes is not None:
        return _from_positions(units, offset, ord(delimiter), quotes)
    return _walk(data, offset, delimiter)


def _special_quotes(data: bytes, units: Bytes, offset: int, delimiter: str) -> Ints | None:
    """Positions of the quotes, or None when they do not obey the rules everywhere."""
    quotes = _places(units, QUOTE)
    if b'="' in data:
        literal = [
            place
            for found in _excel_text(delimiter).finditer(data, offset)
            for place in (found.start() + 1, found.end() - 1)
        ]
        quotes = np.setdiff1d(quotes, np.array(literal, dtype=np.int64), assume_unique=True)
    if len(quotes) % 2:
        return None
    opening, closing = quotes[0::2], quotes[1::2]
    edge = np.zeros(256, dtype=bool)
    edge[[LF, CR, ord(delimiter)]] = True
    before = units[np.maximum(opening - 1, 0)]
    after = units[np.minimum(closing + 1, len(units) - 1)]
    # A doubled quote closes and opens again at once; that is an escape, not an end.
    reopened = np.zeros(len(opening), dtype=bool)
    reopened[1:] = opening[1:] == closing[:-1] + 1
    escaped = np.append(reopened[1:], False)
    good_open = edge[before] | (opening == offset) | reopened
    good_close = edge[after] | (closing == len(units) - 1) | escaped
    return quotes if bool(good_open.all() and good_close.all()) else None


@lru_cache(maxsize=8)
def _excel_text(delimiter: str) -> re.Pattern[bytes]:
    """`="000123"`: quotes that Excel needs and CSV does not know."""
    mark = re.escape(delimiter).encode()
    return re.compile(rb'(?<![^\r\n%b])="[^"\r\n%b]*"(?![^\r\n%b])' % (mark, mark, mark))


def _from_positions(units: Bytes, offset: int, delimiter: int, quotes: Ints | None) -> Records:
    ends = _places(units, LF) + 1
    lone = _places(units, CR)
    if len(lone):
        after = units[np.minimum(lone + 1, len(units) - 1)]
        lone = lone[(after != LF) | (lone == len(units) - 1)]
    if len(lone):
        ends = np.sort(np.concatenate([ends, lone + 1]))
    marks = _places(units, delimiter)
    has_inner_lines = False
    if quotes is not None:
        outside = ~_inside(ends - 1, quotes)
        has_inner_lines = not bool(outside.all())
        ends = ends[outside]
        marks = marks[~_inside(marks, quotes)]
    ends = ends[ends > offset]
    if len(units) > offset and (not len(ends) or ends[-1] != len(units)):
        ends = np.append(ends, len(units))
    start = np.concatenate([[offset], ends[:-1]]).astype(np.int64)[: len(ends)]
    counts = np.diff(np.searchsorted(marks, np.concatenate([start[:1], ends])))
    return Records(start, _stops(units, start, ends), ends, counts, frozenset(), has_inner_lines)


def _places(units: Bytes, value: int) -> Ints:
    """Positions of a byte; piece by piece, so that what is compared stays in the cache."""
    pieces = [
        np.flatnonzero(units[start : start + PIECE] == value) + start
        for start in range(0, len(units), PIECE)
    ]
    return np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.int64)


def _inside(positions: Ints, quotes: Ints) -> np.ndarray:
    """Which positions lie between an opening and a closing quote; both arrays are sorted."""
    steps = np.zeros(len(positions) + 1, dtype=np.uint8)
    np.add.at(steps, np.searchsorted(positions, quotes), 1)
    # Sums modulo 256 keep their parity.
    return (np.cumsum(steps, dtype=np.uint8)[:-1] & 1).astype(bool)


def _stops(units: Bytes, start: Ints, end: Ints) -> Ints:
    """Ends without the line end."""
    if not len(end):
        return end
    stop = end - ((units[end - 1] == LF) | (units[end - 1] == CR))
    crlf = (stop > start) & (stop < end) & (units[end - 1] == LF)
    return stop - (crlf & (units[np.maximum(stop - 1, 0)] == CR))


@lru_cache(maxsize=8)
def _patterns(delimiter: str) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    mark = re.escape(delimiter).encode()
    # Possessive: a quoted cell either ends properly or its quote is an ordinary character.
    quoted = rb'"[^"]*+(?:""[^"]*+)*+"(?=[\r\n%b]|\Z)' % mark
    plain = rb"[^\r\n%b]*+" % mark
    cell = rb"(?:%b|%b)" % (quoted, plain)
    record = rb"%b(?:%b%b)*+(?:\r\n|\n|\r|\Z)" % (cell, mark, cell)
    return re.compile(record), re.compile(rb"(?:\A|(?<=%b))(?:(%b)|(%b))" % (mark, quoted, plain))


def _walk(data: bytes, offset: int, delimiter: str) -> Records:
    record, cell = _patterns(delimiter)
    ends, counts, bad = [], [], []
    at, has_inner_lines, mark = offset, False, delimiter.encode()
    while at < len(data):
        found = record.match(data, at)
        # The pattern matches the empty record too, so it always matches and always advances.
        end = found.end() if found else len(data)
        text = data[at:end].rstrip(b"\r\n") if b'"' not in data[at:end] else data[at:end]
        if b'"' in text:
            cells = _cells(text, cell)
            counts.append(len(cells) - 1)
            if any(plain.startswith(b'"') for _, plain in cells):
                bad.append(len(ends))
            has_inner_lines = has_inner_lines or any(b"\n" in q or b"\r" in q for q, _ in cells)
        else:
            counts.append(text.count(mark))
        ends.append(end)
        at = end
    end_array = np.array(ends, dtype=np.int64)
    start = np.concatenate([[offset], end_array[:-1]]).astype(np.int64)[: len(ends)]
    units = np.frombuffer(data, dtype=np.uint8)
    return Records(
        start,
        _stops(units, start, end_array),
        end_array,
        np.array(counts, dtype=np.int64),
        frozenset(bad),
        has_inner_lines,
    )


def _cells(text: bytes, cell: re.Pattern[bytes]) -> list[tuple[bytes, bytes]]:
    """(quoted, plain) per cell; one of the two is empty."""
    stripped = text[:-2] if text.endswith(b"\r\n") else text
    if stripped is text and text[-1:] in (b"\n", b"\r"):
        stripped = text[:-1]
    cells, at = [], 0
    while at <= len(stripped):
        found = cell.match(stripped, at)
        if found is None:
            break
        cells.append((found[1] or b"", found[2] or b""))
        at = found.end() + 1
    return cells
