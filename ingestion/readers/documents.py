"""JSON: one record per line, per element of an array, or per document.

Our own scanner finds where each record begins and ends from the brackets outside strings; Python's
strict parser then checks every record, and numbers that a double cannot hold exactly are turned
into strings, so that no amount is rounded on its way to the database. The table has one column,
the text of the record.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ingestion.readers.options import Format, Recognise
from ingestion.readers.reading import Bytes, Fate, Ints, Reading, text_table, whole_file_bad

MAX_DEPTH = 64
MAX_RECORD_BYTES = 16 << 20
# A fraction, an exponent or more digits than a double holds: keep the text as it is.
_EXACT = re.compile(rb"[\[:,\s]-?[0-9]+(?:[.eE]|[0-9]{14})")
_ODD_ESCAPE = re.compile(rb"\\u(?:[dD][89a-fA-F]|0000)")


@dataclass(frozen=True, slots=True)
class _Spans:
    """Where the records are: `[start, stop)` each, in order, and what they were found as."""

    start: list[int]
    stop: list[int]
    document: str


def read_documents(data: bytes, options: Format, recognise: Recognise) -> Reading:
    """Read a JSON or NDJSON file."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return whole_file_bad(len(data), "utf-8", "bad_encoding", f"byte {error.start}")
    if "lines" in options.documents or _is_lines(data):
        spans = _lines(data)
    else:
        found = _spans(data, options.documents, recognise)
        if isinstance(found, str):
            return whole_file_bad(len(data), "utf-8", found, "")
        spans = found
    return _reading(data, spans, recognise)


def _is_lines(data: bytes) -> bool:
    """Whether a second value follows the first on a line of its own: NDJSON under any name."""
    first, _, rest = data.strip().partition(b"\n")
    if rest.lstrip()[:1] != b"{":
        return False
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        return False
    return True


def _lines(data: bytes) -> _Spans:
    start, stop, at = [], [], 0
    # Line ends cannot occur inside JSON strings.
    for line in data.splitlines(keepends=True):
        if text := line.strip():
            first = at + line.index(text)
            start.append(first)
            stop.append(first + len(text))
        at += len(line)
    return _Spans(start, stop, "lines")


def _brackets(data: bytes) -> tuple[Ints, Ints] | str:
    """Positions of the brackets outside strings and the depth after each, or a reason."""
    units = np.frombuffer(data, dtype=np.uint8)
    quotes = np.flatnonzero(units == ord('"'))
    if b"\\" in data:
        quotes = quotes[~_escaped(units, quotes)]
    if len(quotes) % 2:
        return "broken_json"
    step = np.zeros(256, dtype=np.int8)
    step[[ord("{"), ord("[")]] = 1
    step[[ord("}"), ord("]")]] = -1
    places = np.flatnonzero(step[units])
    places = places[np.searchsorted(quotes, places) % 2 == 0]
    depth = np.cumsum(step[units[places]], dtype=np.int64)
    if not len(places) or depth.min() < 0 or depth[-1] != 0:
        return "broken_json"
    return (places, depth) if depth.max() <= MAX_DEPTH else "too_deep"


def _escaped(units: Bytes, quotes: Ints) -> np.ndarray:
    """Which quotes follow an odd number of backslashes."""
    plain = np.where(units != ord("\\"), np.arange(len(units)), -1)
    last_plain = np.maximum.accumulate(plain)
    run = quotes - 1 - np.where(quotes > 0, last_plain[np.maximum(quotes - 1, 0)], -1)
    return run % 2 == 1


def _spans(data: bytes, documents: tuple[str, ...], recognise: Recognise) -> _Spans | str:
    found = _brackets(data)
    if isinstance(found, str):
        return found
    places, depth = found
    # An order that holds its refunds is no envelope of refunds.
    if "$" in documents and _is_one_record(data, places, depth, recognise):
        documents = ("$",)
    for document in documents:
        if document.startswith("<"):
            continue
        spans = _spans_of(data, document, places, depth)
        if spans is not None:
            return spans if _is_whole(data, spans) else "broken_json"
    return "broken_json"


def _is_one_record(data: bytes, places: Ints, depth: Ints, recognise: Recognise) -> bool:
    """Whether the file as a whole is a record of some layout."""
    if data[places[0] : places[0] + 1] != b"{":
        return False
    try:
        keys = _around(data, *_children(places, depth, 0))
    except (ValueError, RecursionError):
        return False
    return isinstance(keys, dict) and recognise(("document:$", *keys)) is not None


def _around(data: bytes, start: list[int], stop: list[int]) -> object:
    """The value of the file with null in the place of each span."""
    edges = [0, *(edge for span in zip(start, stop, strict=True) for edge in span)]
    pieces = [data[edges[i] : edges[i + 1]] for i in range(0, len(edges) - 1, 2)]
    return json.loads(b"null".join([*pieces, data[edges[-1] :]]), parse_constant=_refuse)


def _is_whole(data: bytes, spans: _Spans) -> bool:
    """Whether what surrounds the records is valid JSON and holds no other value beside them."""
    try:
        value = _around(data, spans.start, spans.stop)
    except (ValueError, RecursionError):
        return False
    if not spans.document.endswith("[]"):
        return True
    for key in filter(None, spans.document[:-2].split(".")):
        value = value.get(key) if isinstance(value, dict) else None
    return isinstance(value, list) and len(value) == len(spans.start)


def _spans_of(data: bytes, document: str, places: Ints, depth: Ints) -> _Spans | None:
    """The records at `$`, `[]`, `key` or `key[]`, or None when the file has no such place.

    A key may lie in others: `outer.inner[]`.
    """
    top = data[places[0] : places[0] + 1]
    whole = (int(places[0]), int(places[-1]) + 1)
    if document == "$":
        return _Spans([whole[0]], [whole[1]], document) if top == b"{" else None
    if document == "[]":
        return _Spans(*_children(places, depth, 0), document) if top == b"[" else None
    is_array = document.endswith("[]")
    span: tuple[int, int] | None = whole
    for key in document.removesuffix("[]").split("."):
        if span is None or data[span[0] : span[0] + 1] != b"{":
            return None
        span = _child_at(data, key, places, depth, int(np.searchsorted(places, span[0])))
    if span is None or data[span[0] : span[0] + 1] != (b"[" if is_array else b"{"):
        return None
    if is_array:
        return _Spans(*_children(places, depth, int(np.searchsorted(places, span[0]))), document)
    return _Spans([span[0]], [span[1]], document)


def _child_at(
    data: bytes, key: str, places: Ints, depth: Ints, parent: int
) -> tuple[int, int] | None:
    """The object or array behind a key directly inside the bracket number `parent`."""
    for first, last in zip(*_children(places, depth, parent), strict=True):
        if _key_before(data, first) == key:
            return first, last
    return None


def _children(places: Ints, depth: Ints, parent: int) -> tuple[list[int], list[int]]:
    """Spans of the objects and arrays directly inside the bracket number `parent`."""
    level = int(depth[parent])
    close = parent + 1 + int(np.argmax(depth[parent + 1 :] < level))
    inside = np.arange(parent + 1, close)
    rises = depth[inside] > depth[inside - 1]
    opens = inside[rises & (depth[inside] == level + 1)]
    closes = inside[~rises & (depth[inside] == level)]
    return places[opens].tolist(), (places[closes] + 1).tolist()


def _key_before(data: bytes, place: int) -> str | None:
    found = re.search(rb'"((?:[^"\\]|\\.)*)"\s*:\s*\Z', data[max(0, place - 300) : place])
    return found[1].decode("utf-8", "replace") if found else None


def _reading(data: bytes, spans: _Spans, recognise: Recognise) -> Reading:
    texts, reasons, keys = [], [], None
    for start, stop in zip(spans.start, spans.stop, strict=True):
        text, reason, value = _checked(data[start:stop])
        texts.append(text)
        reasons.append(reason)
        if value is not None and keys is None:
            keys = tuple(value) if isinstance(value, dict) else ()
    found = recognise((f"document:{spans.document}", *(keys or ()))) if keys is not None else None
    if found is None and keys is not None:
        detail = "no layout of the source has these keys"
        reasons = [reason or ("schema_mismatch", detail) for reason in reasons]
    start, end, fate, numbers = _tile(len(data), spans, reasons)
    good = [text for text, reason in zip(texts, reasons, strict=True) if reason is None]
    known = found is not None
    return Reading(
        encoding="utf-8",
        layout=found.layout if found else None,
        header=("document",) if known else (),
        names=("document",) if known else (),
        start=start,
        end=end,
        fate=fate,
        table=pa.table({"c0": pa.array(good, pa.string())}) if known else text_table(0),
        faults={numbers[i]: reason for i, reason in enumerate(reasons) if reason is not None},
    )


def _checked(raw: bytes) -> tuple[str | None, tuple[str, str] | None, object]:
    """(text for the database, None, value) of a good record, or its fault."""
    if len(raw) > MAX_RECORD_BYTES:
        return None, ("line_too_long", ""), None
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH and _too_deep(raw):
        return None, ("too_deep", ""), None
    if raw.count(b"\\u0000"):
        return None, ("nul_byte", "escaped NUL"), None
    try:
        value = json.loads(raw, parse_float=str, parse_constant=_refuse)
        if _EXACT.search(raw) or _ODD_ESCAPE.search(raw):
            value = json.loads(raw, parse_float=str, parse_int=str, parse_constant=_refuse)
            text = json.dumps(value, ensure_ascii=False)
            text.encode()  # half a surrogate pair is no text
        else:
            text = raw.decode()
    except (ValueError, RecursionError) as error:
        return None, ("broken_json", str(error)[:80] if _is_position(error) else ""), None
    return text, None, value


def _too_deep(raw: bytes) -> bool:
    return _brackets(raw) == "too_deep"


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _is_position(error: Exception) -> bool:
    """Messages of the JSON parser name a position; other messages may quote the data."""
    return isinstance(error, json.JSONDecodeError)


def _tile(
    size: int, spans: _Spans, reasons: list[tuple[str, str] | None]
) -> tuple[Ints, Ints, Bytes, list[int]]:
    """Segments over the whole file: the records and the punctuation between them."""
    start, end, fate, numbers, at = [], [], [], [], 0
    for first, last, reason in zip(spans.start, spans.stop, reasons, strict=True):
        if first > at:
            start.append(at)
            end.append(first)
            fate.append(Fate.PUNCTUATION)
        numbers.append(len(start))
        start.append(first)
        end.append(last)
        fate.append(Fate.DATA if reason is None else Fate.BAD)
        at = last
    if at < size:
        start.append(at)
        end.append(size)
        fate.append(Fate.PUNCTUATION)
    return (
        np.array(start, dtype=np.int64),
        np.array(end, dtype=np.int64),
        np.array(fate, dtype=np.uint8),
        numbers,
    )
