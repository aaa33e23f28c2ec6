"""Reports: parts make the whole, the whole is the metric, files say what the screen says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.components.format import Format
from dashboards.documents import Document, document_bytes
from dashboards.labels import Labels
from dashboards.printing import LONGEST, NoFont, paper
from dashboards.queries.kpis import Kpis
from dashboards.queries.overview import CONVERTED, Period, Slice
from dashboards.queries.reports.goods import categories
from dashboards.queries.reports.offered import REPORTS, Asked, allowed, asked_of, make, make_custom
from dashboards.queries.reports.shape import (
    COUNT,
    MONEY,
    QUANTITY,
    RATIO,
    TEXT,
    Cell,
    Column,
    Report,
    Section,
)
from dashboards.reader import Reader
from dashboards.warehouse import Snapshot, current_snapshot
from dashboards.words import Words
from orderhouse.access import get_policy
from orderhouse.ledger import AuditFilter, Denied, Ledger, audit_rows
from orderhouse.settings import Settings, get_settings
from orderhouse.terms import terms_for
from tests.support.homes import built_template, settings_of, templates_folder
from tests.support.people import signed_in
from tests.support.sheets import sheets, words

WHOLE = Period(first=date(2026, 4, 1), last=date(2026, 6, 30))
POLICY = get_policy()
Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return current_snapshot(settings_of(built_template(templates_folder(tmp_path_factory))))


def _asked(snapshot: Snapshot, role: str = "analyst", **given: Any) -> Asked:
    reader = Reader(snapshot, POLICY, (role,), None)
    wanted = Slice(**({"period": WHOLE, "currency": CONVERTED} | given))
    return asked_of(Kpis(reader, "Asia/Shanghai", "CNY"), wanted, wanted.over(WHOLE.before()))


def _context(
    snapshot: Snapshot, ledger: Ledger, language: str = "zh", login: str = "analyst"
) -> Any:
    terms = terms_for(language)
    zone = ZoneInfo("Asia/Shanghai")
    fmt, labels = Format(language, zone), Labels(terms, snapshot)
    words = Words(terms=terms, fmt=fmt, labels=labels, reporting_currency="CNY")
    return SimpleNamespace(
        settings=get_settings(), policy=POLICY, ledger=ledger, session=signed_in(ledger, login),
        terms=terms, language=language, snapshot=snapshot, zone=zone, fmt=fmt, words=words,
    )  # fmt: skip


def _additive(section: Section, asked: Asked) -> Iterator[int]:
    """Columns whose rows must add up to the total: sums and their shares."""
    for at, column in enumerate(section.columns):
        kpi = asked.known.get(column.metric)
        if kpi is not None and kpi.is_additive and not kpi.denominator:
            yield at


def _sum(values: Sequence[Any]) -> Decimal:
    return sum((Decimal(value or 0) for value in values), Decimal(0))


@pytest.mark.parametrize("code", REPORTS)
def test_parts_add_up_to_the_total_and_shares_to_one(code: str, snapshot: Snapshot) -> None:
    asked = _asked(snapshot)
    checked = 0
    for section in make(code, asked, top=5).sections:
        if section.total is None:
            continue
        for at in _additive(section, asked):
            total = section.total[at].value
            added = _sum([row[at].value for row in section.rows])
            assert added == pytest.approx(Decimal(total or 0), abs=Decimal("0.000001"))
            if section.columns[at].is_share and total is not None:
                assert total == 1
            checked += 1
    assert checked > 4


@pytest.mark.parametrize("code", REPORTS)
def test_totals_of_a_report_are_the_metrics(code: str, snapshot: Snapshot) -> None:
    asked = _asked(snapshot)
    for section in make(code, asked).sections:
        for column, cell in zip(section.columns, section.total or (), strict=False):
            if column.metric and not column.is_share:
                expected = asked.kpis.figure(asked.known[column.metric], asked.wanted).value
                assert cell.value == expected, (section.code, column.name)


def test_every_table_of_every_report_is_there_and_holds_something(snapshot: Snapshot) -> None:
    asked = _asked(snapshot)
    for code, offer in REPORTS.items():
        report = make(code, asked)
        assert len(report.sections) == len(offer.tables)
        assert all(section.rows for section in report.sections)


def test_goods_sold_are_the_lines_of_the_orders_that_count(snapshot: Snapshot) -> None:
    asked = _asked(snapshot, currency="CNY")
    section = next(s for s in make("sales", asked).sections if s.code == "by_category")
    names = [column.name for column in section.columns]
    con = snapshot.connection.cursor()
    valid = con.execute(
        "select order_id from marts.fct_orders where is_valid and currency_code = 'CNY' "
        "and placed_date between ? and ?", [WHOLE.first, WHOLE.last],
    ).fetchall()  # fmt: skip
    lines = con.execute("select order_id, sku, line_kind, line_amount from marts.fct_order_lines")
    kinds = dict(snapshot_skus(snapshot))
    by_hand: dict[str | None, Decimal] = {}
    mine = {order for (order,) in valid}
    for order, sku, kind, amount in lines.fetchall():
        if order in mine and kind == "goods":
            by_hand[kinds.get(sku)] = by_hand.get(kinds.get(sku), Decimal(0)) + (amount or 0)
    listed = {
        row[0].value: row[names.index("goods_sales")].value
        for row in section.rows if row[0].domain != "report_row"
    }  # fmt: skip
    assert listed == by_hand
    con.close()


def snapshot_skus(snapshot: Snapshot) -> list[tuple[str, str | None]]:
    rows = snapshot.rows("select sku, category from marts.dim_products")
    return [(row["sku"], row["category"]) for row in rows]


@pytest.mark.parametrize("name", ["channels", "statuses"])
def test_filters_share_the_orders_between_them(name: str, snapshot: Snapshot) -> None:
    column = {"channels": "channel", "statuses": "headline_status"}[name]
    rows = snapshot.rows(f"select distinct {column} as code from marts.fct_orders")
    for metric in ("placed_orders", "gmv_placed", "after_sales_cases", "parcels_shipped"):
        parts = []
        for value in (row["code"] for row in rows):
            asked = _asked(snapshot, **{name: (value,)})
            parts.append(asked.kpis.figure(asked.known[metric], asked.wanted).over)
        asked = _asked(snapshot)
        whole = asked.kpis.figure(asked.known[metric], asked.wanted)
        assert _sum(parts) + _orderless(snapshot, metric) == pytest.approx(whole.over)
    several = _asked(snapshot, **{name: tuple(row["code"] for row in rows)})
    assert several.kpis.figure(several.known["placed_orders"], several.wanted).over == len(
        snapshot.rows("select 1 from marts.fct_orders where placed_date between ? and ?",
                      [WHOLE.first, WHOLE.last])
    )  # fmt: skip


def _orderless(snapshot: Snapshot, metric: str) -> int:
    """Cases and parcels of orders nobody knows: no channel and no status is theirs."""
    relation = {
        "after_sales_cases": "fct_after_sales_cases where requested_at is not null",
        "parcels_shipped": "fct_shipments where shipped_at is not null",
    }.get(metric)
    if relation is None:
        return 0
    unknown = "order_id is null or order_id not in (select order_id from marts.fct_orders)"
    return snapshot.rows(f"select count(*) as n from marts.{relation} and ({unknown})")[0]["n"]


def test_categories_share_the_cases_and_the_stock_between_them(snapshot: Snapshot) -> None:
    whole = _asked(snapshot)
    known = categories(whole.kpis.reader)
    for metric in ("on_hand", "stock_value"):
        parts = []
        for category in known:
            asked = _asked(snapshot, categories=(category,))
            parts.append(asked.kpis.figure(asked.known[metric], asked.wanted).over)
        assert _sum(parts) == pytest.approx(
            whole.kpis.figure(whole.known[metric], whole.wanted).over
        )


def test_a_category_leaves_only_orders_with_such_goods(snapshot: Snapshot) -> None:
    category = categories(_asked(snapshot).kpis.reader)[0]
    asked = _asked(snapshot, categories=(category,))
    kinds = dict(snapshot_skus(snapshot))
    lines = snapshot.rows("select order_id, sku from marts.fct_order_lines")
    having = {row["order_id"] for row in lines if kinds.get(row["sku"]) == category}
    placed = {
        row["order_id"]
        for row in snapshot.rows("select order_id, placed_date from marts.fct_orders")
        if WHOLE.first <= row["placed_date"] <= WHOLE.last
    }
    value = asked.kpis.figure(asked.known["placed_orders"], asked.wanted).over
    assert value == len(having & placed)


def test_months_are_made_of_their_days(snapshot: Snapshot) -> None:
    asked = _asked(snapshot)
    days, months = (
        make_custom(asked, by, ["placed_orders", "net_sales"]).sections[0]
        for by in ("day", "month")
    )
    for row in months.rows:
        inside = [day for day in days.rows if f"{day[0].value:%Y-%m}" == row[0].value]
        assert [_sum([day[at].value for day in inside]) for at in (1, 2)] == [
            row[1].value, row[2].value,
        ]  # fmt: skip


def _document(context: Any, report: Report) -> Document:
    title = context.terms.code("report", report.code)
    return Document(report=report, title=title, subtitle="2026 · CNY", described="2026")


def _numbers(cell: Cell) -> float:
    value = float(cell.value)
    return value / 1440 if cell.kind == "minutes" else value


@pytest.mark.parametrize("code", REPORTS)
def test_excel_holds_the_numbers_of_the_screen(
    code: str, snapshot: Snapshot, ledger: Ledger
) -> None:
    report = make(code, _asked(snapshot))
    context = _context(snapshot, ledger)
    found = sheets(document_bytes(context, _document(context, report), "xlsx"))
    assert len(found) == len(report.sections)
    for section, (name, grid) in zip(report.sections, found, strict=True):
        assert name.startswith(context.words.title(section)[:10])
        for at, column in enumerate(section.columns):
            assert grid[2, at] == context.words.heading(column)
        rows = [*section.rows, *([section.total] if section.total else [])]
        for line, row in enumerate(rows, 3):
            for at, cell in enumerate(row):
                if cell.value is None and cell.kind != "code":
                    assert (line, at) not in grid
                elif isinstance(cell.value, int | float | Decimal):
                    assert grid[line, at] == pytest.approx(_numbers(cell))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("code", REPORTS)
def test_paper_says_what_the_screen_says(
    code: str, language: str, snapshot: Snapshot, ledger: Ledger
) -> None:
    report = make(code, _asked(snapshot))
    context = _context(snapshot, ledger, language)
    said = words(document_bytes(context, _document(context, report), "pdf"))
    for section in report.sections:
        assert _squeezed(context.words.title(section)) in said
        for row in [*section.rows, *([section.total] if section.total else [])]:
            for cell in row:
                text = _squeezed(context.words.written(cell, "CNY"))
                if len(text) < LONGEST // 3 and "…" not in text:
                    assert text in said, (section.code, text)


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


HOSTILE = [
    "#panic(\"x\") #eval(\"1\")", "=1+1", "*bold* _it_ $x^2$ `raw`", "@ref <label>",
    "//comment", "/*open", "\\u{41} \\# ~", "[link](javascript:alert(1))", "＝cmd|'/C calc'!A0",
    "\u202eevil\u0000\u0007", "#import \"@preview/x:0.1.0\": *", "] #set page(width: 1pt) [",
]  # fmt: skip


def _hostile() -> Report:
    columns = [Column(name="category", kind=TEXT), Column(name="placed_orders", kind=COUNT)]
    rows = [[Cell(value=text, kind="code"), Cell(value=1, kind=COUNT)] for text in HOSTILE]
    return Report(
        code="orders", currency="CNY",
        sections=[Section(code="by_category", columns=columns, rows=rows, bars="placed_orders")],
    )  # fmt: skip


def test_text_of_others_is_printed_and_never_run(snapshot: Snapshot, ledger: Ledger) -> None:
    context = _context(snapshot, ledger)
    said = words(document_bytes(context, _document(context, _hostile()), "pdf"))
    for text in HOSTILE[:8]:
        assert _squeezed(text) in said
    assert "evil" in said and "\u202e" not in said and "\u0000" not in said


def test_text_of_others_is_no_formula_in_a_workbook(snapshot: Snapshot, ledger: Ledger) -> None:
    context = _context(snapshot, ledger)
    ((_, grid),) = sheets(document_bytes(context, _document(context, _hostile()), "xlsx"))
    values = [grid[line, 0] for line in range(3, 3 + len(HOSTILE))]
    assert values[1] == "'=1+1" and values[8] == "'＝cmd|'/C calc'!A0"


def test_a_report_that_leaves_is_recorded(snapshot: Snapshot, ledger: Ledger) -> None:
    context = _context(snapshot, ledger, login="finance")
    report = make("orders", _asked(snapshot, "finance"))
    document_bytes(context, _document(context, report), "pdf")
    total, found = audit_rows(ledger, AuditFilter(stream="access"))
    assert total == 1 and found[0].entity_id == "report-orders"
    assert found[0].args == {"rows": report.row_count, "kind": "pdf", "filter": "2026"}


def test_a_report_of_more_rows_than_a_post_may_take_is_not_made(
    snapshot: Snapshot, ledger: Ledger
) -> None:
    context = _context(snapshot, ledger, login="cs")
    rows = [[Cell(value=str(number), kind="code")] for number in range(1_001)]
    section = Section(code="by_sku", columns=[Column(name="sku", kind=TEXT)], rows=rows)
    report = Report(code="after_sales", currency="CNY", sections=[section])
    with pytest.raises(Denied, match="export_too_large"):
        document_bytes(context, _document(context, report), "pdf")


def test_without_a_chinese_font_there_is_no_paper_and_the_doctor_says_why(tmp_path: Path) -> None:
    from pipelines.doctor import examine

    settings = Settings(home=tmp_path, cjk_font=tmp_path / "none.ttf")
    with pytest.raises(NoFont):
        paper(settings, {})
    font = next(found for found in examine(settings) if found.subject == "Font")
    assert not font.ok and "ORDERHOUSE_CJK_FONT" in font.detail
    assert next(found for found in examine(Settings(home=tmp_path)) if found.subject == "Font").ok


@pytest.mark.parametrize("role", POLICY.roles)
def test_a_post_gets_its_reports_and_no_column_it_may_not_see(
    role: str, snapshot: Snapshot
) -> None:
    mine = allowed(POLICY, [role])
    assert set(mine) - {"custom"} == POLICY.roles[role].reports
    assert bool(mine) == POLICY.may_open([role], "reports")
    if POLICY.sees([role], "money"):
        return
    asked = _asked(snapshot, role)
    for code in POLICY.roles[role].reports:
        for section in make(code, asked).sections:
            kinds = {cell.kind for row in section.rows for cell in row if cell.value is not None}
            assert MONEY not in kinds, (code, section.code)


def test_another_posts_report_is_not_made(open_page: Open) -> None:
    at = open_page("reports", "inventory", report="sales")
    assert at.session_state["report_code"] == "stock"


@pytest.mark.parametrize("code", [*REPORTS, "custom"])
def test_the_page_draws_every_report_in_both_languages(open_page: Open, code: str) -> None:
    at = open_page(
        "reports", "analyst", report=code, period="last_90",
        metrics="placed_orders,gmv_placed", by="channel",
    )  # fmt: skip
    for language in ("zh", "en"):
        at.session_state["language"] = language
        at.run()
        assert not at.exception and not at.error
        assert at.dataframe and len(at.get("download_button")) == 2


def test_a_compared_period_is_as_long_and_right_before(snapshot: Snapshot) -> None:
    asked = _asked(snapshot)
    assert asked.other is not None
    assert asked.other.period.last == WHOLE.first - timedelta(days=1)
    summary = make("orders", asked).sections[0]
    assert [column.kind for column in summary.columns[2:]] == [MONEY, RATIO]


def test_quantities_have_no_more_digits_than_mean_something(
    snapshot: Snapshot, ledger: Ledger
) -> None:
    context = _context(snapshot, ledger, "en")
    assert context.words.written(Cell(value=Decimal("12.0000"), kind=QUANTITY), "CNY") == "12"
    assert context.words.written(Cell(value=Decimal("1.23456"), kind="score"), "CNY") == "1.23"
