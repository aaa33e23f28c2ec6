"""XML: one record for each element of a name the mapping gives, as JSON.

The mapping names the element as `<Ntry>` among its `documents`. A record's JSON has one key for
each child's name and always a list behind it, so that one child and many look alike; an attribute
is `@name`, the text of an element that has attributes is `#`. Prefixes of namespaces are dropped.
Document types are refused: nothing a file declares is ever expanded or fetched.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

import numpy as np
import pyarrow as pa

from ingestion.readers.documents import MAX_DEPTH, MAX_RECORD_BYTES
from ingestion.readers.options import Format, Recognise
from ingestion.readers.reading import Fate, Reading, text_table, whole_file_bad


class _Refused(Exception):
    """The file is no plain XML, or is nested too deeply."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


@dataclass(slots=True)
class _Element:
    name: str
    value: dict[str, Any] = field(default_factory=dict)
    text: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Collector:
    """Builds the records while the parser walks through the file."""

    data: bytes
    wanted: frozenset[str]
    parser: Any = None
    depth: int = 0
    open: list[_Element] = field(default_factory=list)
    began: int = 0
    start: list[int] = field(default_factory=list)
    stop: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    values: list[dict[str, Any]] = field(default_factory=list)

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        name, self.depth = _local(name), self.depth + 1
        if self.depth > MAX_DEPTH:
            raise _Refused("too_deep")
        if not self.open and name not in self.wanted:
            return
        if not self.open:
            self.began = self.parser.CurrentByteIndex
        self.open.append(_Element(name, {f"@{_local(k)}": v for k, v in attributes.items()}))

    def say(self, text: str) -> None:
        if self.open:
            self.open[-1].text.append(text)

    def end(self, _name: str) -> None:
        self.depth -= 1
        if not self.open:
            return
        element = self.open.pop()
        if self.open:
            self.open[-1].value.setdefault(element.name, []).append(_value(element))
            return
        value = _value(element)
        self.start.append(self.began)
        self.stop.append(self.data.index(b">", self.parser.CurrentByteIndex) + 1)
        self.names.append(element.name)
        self.values.append(value if isinstance(value, dict) else {"#": value})

    def refuse(self, *_arguments: object) -> None:
        raise _Refused("unreadable_file", "the file declares a document type")


def read_markup(data: bytes, options: Format, recognise: Recognise) -> Reading:
    """Read an XML file; one that is broken anywhere is one bad record."""
    wanted = frozenset(d[1:-1] for d in options.documents if d.startswith("<"))
    collector = _Collector(data, wanted)
    parser = collector.parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = collector.begin
    parser.EndElementHandler = collector.end
    parser.CharacterDataHandler = collector.say
    parser.StartDoctypeDeclHandler = collector.refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        place = f"line {error.lineno} column {error.offset}"
        return whole_file_bad(len(data), "xml", "broken_xml", place)
    except _Refused as refusal:
        return whole_file_bad(len(data), "xml", refusal.code, refusal.detail)
    except (ValueError, LookupError):
        detail = "the encoding it declares is not supported"
        return whole_file_bad(len(data), "xml", "bad_encoding", detail)
    if not collector.values:
        detail = f"no element of {sorted(wanted)}"
        return whole_file_bad(len(data), "xml", "schema_mismatch", detail)
    return _reading(data, collector, recognise)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _value(element: _Element) -> dict[str, Any] | str:
    text = "".join(element.text).strip()
    if not element.value:
        return text
    if text:
        element.value["#"] = text
    return element.value


def _reading(data: bytes, found: _Collector, recognise: Recognise) -> Reading:
    """Segments over the whole file: the records and the markup between them."""
    layout = recognise((f"document:<{found.names[0]}>", *found.values[0]))
    start, end, fate, texts, faults, at = [], [], [], [], {}, 0
    spans = zip(found.start, found.stop, found.names, found.values, strict=True)
    for first, last, name, value in spans:
        if first > at:
            start.append(at)
            end.append(first)
            fate.append(Fate.PUNCTUATION)
        fault = _fault(layout is not None and name == found.names[0], last - first)
        if fault:
            faults[len(start)] = fault
        else:
            texts.append(json.dumps(value, ensure_ascii=False))
        start.append(first)
        end.append(last)
        fate.append(Fate.BAD if fault else Fate.DATA)
        at = last
    if at < len(data):
        start.append(at)
        end.append(len(data))
        fate.append(Fate.PUNCTUATION)
    return Reading(
        encoding="utf-8",
        layout=layout.layout if layout else None,
        header=("document",) if layout else (),
        names=("document",) if layout else (),
        start=np.array(start, dtype=np.int64),
        end=np.array(end, dtype=np.int64),
        fate=np.array(fate, dtype=np.uint8),
        table=pa.table({"c0": pa.array(texts, pa.string())}) if layout else text_table(0),
        faults=faults,
    )


def _fault(is_known: bool, size: int) -> tuple[str, str] | None:
    if not is_known:
        return "schema_mismatch", "no layout of the source has these elements"
    return ("line_too_long", "") if size > MAX_RECORD_BYTES else None
