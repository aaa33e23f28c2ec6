"""Lists on paper: what the page writes, no more rows than anybody reads, and recorded."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dashboards.components.exporting import PRINTED_ROWS, printed
from dashboards.components.format import Format
from dashboards.export import Sheet
from dashboards.labels import Labels
from orderhouse.access import get_policy
from orderhouse.ledger import AuditFilter, Ledger, audit_rows
from orderhouse.settings import get_settings
from orderhouse.terms import terms_for
from tests.support.people import signed_in
from tests.support.sheets import words

ZONE = ZoneInfo("Asia/Shanghai")
HOSTILE = ['#panic("x") #eval("1")', "=1+1", "*bold* $x^2$ `raw`", "@ref <label>", "//comment"]
COLUMNS = ("sku", "bin_id", "on_hand_quantity", "is_open", "taken_at")


def _context(ledger: Ledger, language: str) -> Any:
    terms = terms_for(language)
    return SimpleNamespace(
        policy=get_policy(),
        ledger=ledger,
        session=signed_in(ledger, "finance"),
        settings=get_settings(),
        snapshot=SimpleNamespace(build_id="b001"),
        terms=terms,
        language=language,
        labels=Labels(terms, None),
        zone=ZONE,
        fmt=Format(language, ZONE),
    )


def _sheet(context: Any, rows: list[dict[str, Any]]) -> Sheet:
    return Sheet(
        name="stock-bins",
        title=context.terms("stock.bins"),
        columns=[(name, context.terms.code("column", name)) for name in COLUMNS],
        rows=lambda limit: rows[:limit],
        described="part=bins",
    )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_list_is_printed_as_the_page_writes_it(ledger: Ledger, home: Path, language: str) -> None:
    context, moment = _context(ledger, language), datetime(2026, 6, 1, 4, 0)
    told = {"bin_id": "A-01", "on_hand_quantity": Decimal("12.5"), "is_open": True}
    rows = [{"sku": text, "taken_at": moment, **told} for text in HOSTILE]
    said = words(printed(context, _sheet(context, rows)))
    assert all(re.sub(r"\s", "", text) in said for text in HOSTILE)
    assert re.sub(r"\s", "", context.terms("stock.bins")) in said
    assert re.sub(r"\s", "", context.fmt.time(moment)) in said
    assert "A-01" in said and "12.5" in said and context.terms.code("boolean", "true") in said


def test_a_long_list_is_cut_and_the_audit_says_how_much_left(ledger: Ledger, home: Path) -> None:
    context = _context(ledger, "zh")
    rows = [{"sku": f"S{number}"} for number in range(PRINTED_ROWS * 2)]
    said = words(printed(context, _sheet(context, rows)))
    assert f"S{PRINTED_ROWS - 1}" in said and f"S{PRINTED_ROWS}" not in said
    _, found = audit_rows(ledger, AuditFilter(stream="access"))
    asked = {"rows": PRINTED_ROWS, "kind": "pdf", "filter": "part=bins"}
    assert (found[0].entity_id, found[0].args) == ("stock-bins", asked)


def test_an_empty_list_says_that_it_is_empty(ledger: Ledger, home: Path) -> None:
    context = _context(ledger, "en")
    nothing = re.sub(r"\s", "", context.terms("report.nothing"))
    assert nothing in words(printed(context, _sheet(context, [])))
