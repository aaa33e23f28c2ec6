"""Readers: every byte of every file is in exactly one segment, and the parser is never trusted."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pyarrow as pa
import pytest
import xlsxwriter
from hypothesis import example, given
from hypothesis import strategies as st
from pyarrow import parquet

from ingestion.readers import Fate, Format, Found, Reading, delimited, read, splitting

HEADER = ("a", "b", "c")
CSV = Format(type="csv", encodings=("utf-8", "gb18030"))


def recognise(cells, _sheet=""):
    return Found(layout="t", names=tuple(cells)) if tuple(cells) == HEADER else None


def recognise_keys(cells, _sheet=""):
    return Found(layout="t", names=("document",)) if "id" in cells else None


def check_ledger(data: bytes, reading: Reading) -> None:
    """The segments tile the file and each data segment has a row."""
    if data:
        assert reading.start[0] == 0
        assert reading.end[-1] == len(data)
        assert (reading.start[1:] == reading.end[:-1]).all()
        assert (reading.end > reading.start).all()
    assert reading.table.num_rows == reading.count(Fate.DATA)
    assert set(reading.faults) == set(reading.segments(Fate.BAD).tolist())


def rows(reading: Reading) -> list[tuple[str, ...]]:
    return [tuple(row.values()) for row in reading.table.to_pylist()]


def fates(reading: Reading) -> list[str]:
    return [Fate(fate).name for fate in reading.fate]


CELL = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=("Cs",)), max_size=8
)


@given(st.lists(st.tuples(CELL, CELL, CELL), max_size=12), st.sampled_from(["\n", "\r\n"]))
def test_what_the_standard_library_writes_is_read_back(table, line_end) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writerows([HEADER, *table])
    data = buffer.getvalue().encode()
    reading = read(data, CSV, recognise)
    check_ledger(data, reading)
    assert rows(reading) == [tuple(cell or None for cell in row) for row in table]
    assert not reading.faults


NASTY = st.binary(max_size=200) | st.text(st.sampled_from('ab1,"\n\r=\x00é张﻿ '), max_size=200).map(
    lambda text: text.encode()
)


@given(NASTY)
@example(b'"')
@example(b'x"y,z,"\n1,2,3')
@example(b'1,"2\n3",=",4"\n')
@example(b'1,2,"""\n1,2,3')
@example(b"\r\r\n\n")
@example(b"1,2,3\r")
@example(b'="1,2",3,4\n')
def test_no_byte_is_lost_whatever_the_bytes(body: bytes) -> None:
    for data in (body, b"a,b,c\n" + body):
        check_ledger(data, read(data, CSV, recognise))


@given(NASTY, st.integers(0, 300), st.binary(min_size=1, max_size=3))
def test_a_changed_file_never_crashes_the_reader(body: bytes, place: int, piece: bytes) -> None:
    data = b"a,b,c\n1,2,3\n" + body + b"\n4,5,6\n"
    place %= len(data)
    changed = data[:place] + piece + data[place:]
    check_ledger(changed, read(changed, CSV, recognise))


@given(NASTY)
def test_both_ways_of_splitting_agree(body: bytes) -> None:
    fast = splitting.split(body, 0, ",")
    slow = splitting._walk(body, 0, ",")
    assert fast.start.tolist() == slow.start.tolist()
    assert fast.stop.tolist() == slow.stop.tolist()
    assert fast.delimiters.tolist() == slow.delimiters.tolist()


def test_a_bad_record_takes_no_neighbour_with_it() -> None:
    data = b'a,b,c\n1,2,3\n4,"5,6\n7,8,9\nx\n1,2,3,4\n\n5,6,\x00\n"1","2","3"\n'
    reading = read(data, CSV, recognise)
    check_ledger(data, reading)
    assert rows(reading) == [("1", "2", "3"), ("7", "8", "9"), ("1", "2", "3")]
    assert [reading.faults[i][0] for i in sorted(reading.faults)] == [
        "unterminated_quote",
        "ragged_row",
        "ragged_row",
        "nul_byte",
    ]


def test_a_record_in_the_wrong_encoding_is_alone_in_quarantine() -> None:
    data = b"a,b,c\n1,2,\xff\xff\xff\n4,5,\xe5\xbc\xa0\n"
    reading = read(data, Format(type="csv"), recognise)
    assert rows(reading) == [("4", "5", "张")]
    assert [code for code, _ in reading.faults.values()] == ["bad_encoding"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
def test_every_encoding_gives_the_same_rows(encoding: str) -> None:
    text = 'a,b,c\r\n1,张三,"x\ny"\r\n2,李四😀,=""\r\n'
    data = text.encode(encoding)
    options = CSV if encoding != "utf-16-le" else Format(type="csv", encodings=("utf-16",))
    reading = read(data, options, recognise)
    check_ledger(data, reading)
    assert [row[1] for row in rows(reading)] == ["张三", "李四😀"]
    for segment in reading.segments(Fate.DATA):
        raw = data[reading.start[segment] : reading.end[segment]]
        assert raw.decode(encoding.removesuffix("-sig")).startswith(("1,张三", "2,李四"))


def test_windows_western_text_is_read() -> None:
    data = "a,b,c\n1,café,£3\n".encode("cp1252")
    reading = read(data, Format(type="csv", encodings=("utf-8", "cp1252")), recognise)
    assert rows(reading) == [("1", "café", "£3")]


def test_preamble_comments_and_footer_are_skipped_and_counted() -> None:
    options = Format(type="csv", comment="#", footers=("total",))
    data = b"# bill\nof today\na , b,c\n1,2,3\n# note\n4,5,6\ntotal,count\n2,2\n"
    reading = read(data, options, recognise)
    check_ledger(data, reading)
    assert fates(reading) == [
        "COMMENT", "PREAMBLE", "HEADER", "DATA", "COMMENT", "DATA", "FOOTER", "FOOTER"
    ]  # fmt: skip


def test_an_unknown_header_quarantines_every_record() -> None:
    data = b"x,y\n1,2\n3,4\n"
    reading = read(data, CSV, recognise)
    assert reading.layout is None
    assert [code for code, _ in reading.faults.values()] == ["schema_mismatch"] * 3


def test_when_the_parser_counts_differently_records_go_one_by_one(monkeypatch) -> None:
    monkeypatch.setattr(delimited, "_arrow", lambda *_: pa.table({"c0": ["1"]}))
    reading = read(b"a,b,c\n1,2,3\n4,5,6\n", CSV, recognise)
    assert rows(reading) == [("1", "2", "3"), ("4", "5", "6")]


def test_an_endless_line_is_refused_and_the_next_one_read(monkeypatch) -> None:
    monkeypatch.setattr(delimited, "MAX_LINE_BYTES", 50)
    reading = read(b"a,b,c\n1,2," + b"x" * 100 + b"\n4,5,6\n", CSV, recognise)
    assert rows(reading) == [("4", "5", "6")]
    assert reading.faults[1][0] == "line_too_long"


JSON = Format(type="json", documents=("orders[]", "order", "[]", "$"))
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)  # fmt: skip


@given(st.lists(VALUE, max_size=5), st.sampled_from([None, 1]), st.sampled_from(["[]", "orders"]))
def test_every_json_record_is_found(values, indent, place) -> None:
    records = [{"id": 1, "value": value} for value in values]
    tree = records if place == "[]" else {"x": [1, {"y": "]"}], "orders": records, "n": None}
    data = json.dumps(tree, indent=indent, ensure_ascii=False).encode("utf-8", "replace")
    reading = read(data, JSON, recognise_keys)
    check_ledger(data, reading)
    assert reading.count(Fate.DATA, Fate.BAD) == len(values) or "?" in data.decode()


@given(
    st.binary(max_size=80)
    | st.text(st.sampled_from('{}[]",:1\\u0a \n'), max_size=80).map(str.encode)
)
def test_no_json_crashes_the_reader(data: bytes) -> None:
    check_ledger(data, read(data, JSON, recognise_keys))


@given(st.integers(0, 200))
def test_a_cut_json_document_is_one_bad_record(cut: int) -> None:
    data = json.dumps({"orders": [{"id": n, "x": ["}", n]} for n in range(6)]}).encode()
    cut = 1 + cut % (len(data) - 1)
    reading = read(data[:cut], JSON, recognise_keys)
    check_ledger(data[:cut], reading)
    assert fates(reading) == ["BAD"]


def test_a_broken_line_of_ndjson_is_alone() -> None:
    data = b'{"id":1}\n{"id":2,}\n\n{"id":3}\n'
    reading = read(data, JSON, recognise_keys)
    check_ledger(data, reading)
    assert [json.loads(row[0])["id"] for row in rows(reading)] == [1, 3]


def test_numbers_a_double_cannot_hold_stay_exact() -> None:
    data = b'[{"id":1,"price":0.10,"big":12345678901234567890,"small":1e-30}]'
    text = rows(read(data, JSON, recognise_keys))[0][0]
    value = json.loads(text)
    assert value == {"id": "1", "price": "0.10", "big": "12345678901234567890", "small": "1e-30"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"[" * 10_000 + b"]" * 10_000, "too_deep"),
        (b'{"id":' + b"[" * 70 + b"]" * 70 + b"}", "too_deep"),
        (b'{"id":NaN}', "broken_json"),
        (b'{"id":"\\ud800"}', "broken_json"),
        (b'{"id":"\\u0000"}', "nul_byte"),
        (b'[{"id":1},7]', "broken_json"),
        (b'{"id":"\xff"}', "bad_encoding"),
    ],
)
def test_json_that_is_none_is_refused(data: bytes, code: str) -> None:
    reading = read(data, JSON, recognise_keys)
    check_ledger(data, reading)
    assert [fault[0] for fault in reading.faults.values()] == [code]


def workbook(table: list[list[object]]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(table):
            sheet.write_row(number, 0, row)
    return buffer.getvalue()


def test_a_workbook_is_read_as_text() -> None:
    data = workbook([["title"], HEADER, ["00123", 12.5, 7], [], ["=1+1", "x", "y"]])
    reading = read(data, CSV, recognise)
    assert rows(reading)[0] == ("00123", "12.5", "7")
    assert reading.count(Fate.DATA) == 2
    assert not reading.has_bytes


@given(st.integers(1, 63))
def test_a_cut_workbook_is_one_bad_record(part: int) -> None:
    data = workbook([list(HEADER), ["1", "2", "3"]])
    reading = read(data[: len(data) * part // 64], CSV, recognise)
    assert [fault[0] for fault in reading.faults.values()] == ["unreadable_file"] or (
        reading.layout is None
    )


def test_parquet_rows_are_text_and_counted() -> None:
    sink = pa.BufferOutputStream()
    parquet.write_table(pa.table({"a": [1], "b": ["x"], "c": [None]}), sink)
    reading = read(sink.getvalue().to_pybytes(), CSV, recognise)
    assert rows(reading) == [("1", "x", None)]


def test_row_numbers_count_good_and_bad_records() -> None:
    reading = read(b"a,b,c\n1,2,3\nbad\n\n4,5,6\n", CSV, recognise)
    numbers = reading.row_numbers()
    assert numbers[reading.segments(Fate.DATA)].tolist() == [1, 3]
    assert numbers[reading.segments(Fate.BAD)].tolist() == [2]
    assert isinstance(numbers, np.ndarray)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=8), st.sampled_from([" ", "", "\t"]))
def test_blank_cells_behind_the_last_column_are_no_cells(extras: list[int], blank: str) -> None:
    lines = ["a,b,c", *(f"{i},x,y" + f",{blank}" * extra for i, extra in enumerate(extras))]
    reading = read("\n".join(lines).encode(), CSV, recognise)
    assert rows(reading) == [(str(i), "x", "y") for i in range(len(extras))]
    full = read(b"a,b,c\n1,2,3,4\n5,6,7, ,8\n", CSV, recognise)
    assert [fault[0] for fault in full.faults.values()] == ["ragged_row", "ragged_row"]
