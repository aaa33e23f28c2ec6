"""XML: every byte is in one segment, every element keeps its content, nothing is expanded."""

from __future__ import annotations

import json
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.readers import Fate, Format, Found, read
from tests.ingestion.test_readers import check_ledger

XML = Format(documents=("<Item>",))
# What XML 1.0 can say at all, without what its reader has to normalise.
TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="\ufffe\uffff"),
    min_size=1, max_size=20,
)  # fmt: skip


def recognise(cells, _sheet=""):
    known = cells[0] == "document:<Item>"
    return Found(layout="t", names=("document",)) if known else None


def items(reading):
    return [json.loads(text) for text in reading.table.column("c0").to_pylist()]


@settings(deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT, st.lists(TEXT, max_size=3)), min_size=1, max_size=5))
def test_every_element_keeps_its_text_its_attribute_and_its_children(rows) -> None:
    body = "".join(
        f"<x:Item code={quoteattr(code)}><Name>{escape(name)}</Name>"
        + "".join(f"<Tag>{escape(tag)}</Tag>" for tag in tags)
        + "</x:Item>\n"
        for code, name, tags in rows
    )
    data = f'<?xml version="1.0"?>\n<All xmlns:x="urn:x">{body}</All>'.encode()
    reading = read(data, XML, recognise)
    check_ledger(data, reading)
    expected = [
        {"@code": code, "Name": [name]} | ({"Tag": tags} if tags else {})
        for code, name, tags in rows
    ]
    assert items(reading) == expected
    for at in reading.segments(Fate.DATA):
        assert data[reading.start[at] : reading.end[at]].startswith(b"<x:Item")


WHOLE = b'<?xml version="1.0"?><All><Item code="1"><A>1</A></Item><Item/></All>'


@given(st.integers(1, len(WHOLE) - 1))
def test_a_file_that_is_cut_is_one_bad_record(length: int) -> None:
    data = WHOLE[:length]
    reading = read(data, Format(type="xml", documents=("<Item>",)), recognise)
    check_ledger(data, reading)
    assert reading.count(Fate.DATA) == 0
    assert reading.count(Fate.BAD) == 1


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'<!DOCTYPE a [<!ENTITY b "bb">]><Item>&b;</Item>', "unreadable_file"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><Item/>', "unreadable_file"),
        (b"<Item>" + b"<a>" * 99 + b"</a>" * 99 + b"</Item>", "too_deep"),
        (b'<?xml version="1.0" encoding="gb2312"?><Item/>', "bad_encoding"),
        (b"<Item>\x00</Item>", "broken_xml"),
        (b"<Item>&b;</Item>", "broken_xml"),
        (b"<Other/>", "schema_mismatch"),
    ],
)
def test_what_is_no_plain_markup_is_refused_with_its_reason(data: bytes, code: str) -> None:
    reading = read(data, XML, recognise)
    check_ledger(data, reading)
    assert [fault[0] for fault in reading.faults.values()] == [code]
