"""Real files, broken in many ways: nothing is lost in silence and nothing crashes."""

from __future__ import annotations

import csv
import gzip
import io
import random
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.real_data import FILES, real_data_dir
from ingestion.errors import LandingError
from ingestion.mapping import load_mapping, source_names
from tests.ingestion.conftest import RECEIVED, Home

LARGEST = 200_000
SEED = 20_261_130
Break = Callable[[bytes, random.Random, str], bytes]


def _cut(data: bytes, rng: random.Random, _delimiter: str) -> bytes:
    return data[: rng.randrange(len(data))]


def _begun_late(data: bytes, rng: random.Random, _delimiter: str) -> bytes:
    return data[rng.randrange(len(data)) :]


def _re_encoded(data: bytes, rng: random.Random, _delimiter: str) -> bytes:
    encoding = rng.choice(["utf-16", "gb18030", "cp1252", "utf-8-sig", "shift_jis"])
    return _text(data).encode(encoding, "replace")


def _twice_encoded(data: bytes, _rng: random.Random, _delimiter: str) -> bytes:
    return data.decode("latin-1").encode()


def _re_quoted(data: bytes, rng: random.Random, delimiter: str) -> bytes:
    how = rng.choice([csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
    return _rewritten(data, delimiter, lambda rows: rows, quoting=how)


def _loose_quotes(data: bytes, rng: random.Random, _delimiter: str) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + b'"' + data[at:]


def _columns_in_another_order(data: bytes, rng: random.Random, delimiter: str) -> bytes:
    def turned(rows: list[list[str]]) -> list[list[str]]:
        width = max(map(len, rows), default=0)
        order = rng.sample(range(width), width)
        return [[row[i] for i in order] if len(row) == width else row for row in rows]

    return _rewritten(data, delimiter, turned)


def _a_column_less(data: bytes, rng: random.Random, delimiter: str) -> bytes:
    gone = rng.randrange(6)
    return _rewritten(data, delimiter, lambda rows: [row[:gone] + row[gone + 1 :] for row in rows])


def _a_column_more(data: bytes, _rng: random.Random, delimiter: str) -> bytes:
    return _rewritten(
        data, delimiter, lambda rows: [[*row, f"new {i}"] for i, row in enumerate(rows)]
    )


def _mixed_line_ends(data: bytes, rng: random.Random, _delimiter: str) -> bytes:
    lines = data.replace(b"\r\n", b"\n").split(b"\n")
    return b"".join(line + rng.choice([b"\n", b"\r\n", b"\n\n"]) for line in lines)


def _rows_twice(data: bytes, rng: random.Random, _delimiter: str) -> bytes:
    lines = data.splitlines(keepends=True)
    return b"".join(line * rng.choice([1, 1, 2]) for line in lines)


def _header_again(data: bytes, _rng: random.Random, _delimiter: str) -> bytes:
    return data + b"\n" + data


def _rows_shuffled(data: bytes, rng: random.Random, _delimiter: str) -> bytes:
    lines = data.splitlines(keepends=True)
    return b"".join(lines[:1] + rng.sample(lines[1:], len(lines) - 1))


def _nul_bytes(data: bytes, rng: random.Random, _delimiter: str) -> bytes:
    for _ in range(3):
        at = rng.randrange(len(data))
        data = data[:at] + b"\x00" + data[at:]
    return data


def _noise(data: bytes, rng: random.Random, _delimiter: str) -> bytes:
    noisy = bytearray(data)
    for _ in range(max(1, len(data) // 200)):
        noisy[rng.randrange(len(noisy))] = rng.randrange(256)
    return bytes(noisy)


def _endless_line(data: bytes, rng: random.Random, _delimiter: str) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + b"x" * (3 << 20) + data[at:]


def _deep(data: bytes, rng: random.Random, _delimiter: str) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + b'{"a":[' * 500 + data[at:]


def _packed(data: bytes, _rng: random.Random, _delimiter: str) -> bytes:
    return gzip.compress(data, mtime=0)


def _half_an_archive(data: bytes, rng: random.Random, _delimiter: str) -> bytes:
    packed = gzip.compress(data, mtime=0)
    return packed[: rng.randrange(3, len(packed))]


def _bomb(data: bytes, _rng: random.Random, _delimiter: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", data[:200] + b"0" * (64 << 20))
    return buffer.getvalue()


BREAKS: tuple[Break, ...] = (
    _cut, _begun_late, _re_encoded, _twice_encoded, _re_quoted, _loose_quotes,
    _columns_in_another_order, _a_column_less, _a_column_more, _mixed_line_ends, _rows_twice,
    _header_again, _rows_shuffled, _nul_bytes, _noise, _endless_line, _deep, _packed,
    _half_an_archive, _bomb,
)  # fmt: skip
VARIANTS = 320


def _text(data: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("cp1252", "replace")


def _rewritten(
    data: bytes, delimiter: str, change: Callable[[list[list[str]]], list[list[str]]], **how: int
) -> bytes:
    text = _text(data).removeprefix("\ufeff")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, **how).writerows(change(rows))
    return buffer.getvalue().encode()


def variants() -> Iterator[tuple[str, str, bytes]]:
    """(source, name, bytes): every way of breaking, spread over every source's small files."""
    root, known, rng = real_data_dir(), set(source_names()), random.Random(SEED)
    by_source: dict[str, list[Path]] = {}
    for source, pattern in FILES:
        found = [p for p in sorted(root.glob(pattern)) if p.stat().st_size <= LARGEST]
        if source in known and found:
            by_source.setdefault(source, []).extend(found)
    sources = sorted(by_source)
    for number in range(VARIANTS):
        source = sources[number % len(sources)]
        change = BREAKS[(number // len(sources) + number) % len(BREAKS)]
        path = rng.choice(by_source[source])
        delimiter = load_mapping(source).format.delimiter
        try:
            broken = change(path.read_bytes(), rng, delimiter)
        except (csv.Error, ValueError):  # no table, so there is nothing to turn about in it
            broken = _noise(path.read_bytes(), rng, delimiter)
        yield source, f"{number}-{change.__name__}-{path.name}", broken


@pytest.mark.usefixtures("real_data")
def test_real_files_broken_in_many_ways_lose_nothing_and_crash_nothing(home: Home) -> None:
    refused, landed = [], set()
    for source, name, data in variants():
        try:
            landed.add(home.land(data, source=source, name=name, received_at=RECEIVED))
        except LandingError as refusal:
            refused.append((name, str(refusal)))
    report = home.ingest()
    # What lands is loaded; what cannot be unpacked safely is refused by name before it lands.
    assert not report.failed
    assert home.rows("select count(distinct file_id) from ops.loads") == [(len(landed),)]
    assert all(reason.startswith(f"{name}: ") for name, reason in refused)
    assert len(refused) < VARIANTS // 5
    assert report.read == report.recorded + report.quarantined + report.skipped
    assert report.recorded > 300 and report.quarantined > 300
    home.check_accounts()
