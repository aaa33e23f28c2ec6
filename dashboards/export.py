"""Files people take away: CSV and Excel of exactly what a page shows, safe to open, recorded.

A cell that a spreadsheet would read as a formula gets an apostrophe in front. Numbers stay numbers.
The audit row is written before the bytes are handed over; the role's row limit is checked there.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter

from dashboards.context import Context
from orderhouse.ledger import Access, record_export

DANGEROUS = frozenset("=+-@\t\r\n\x00＝＋－＠")
KINDS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What leaves: a name, labelled columns, rows of values, and the filter that chose them."""

    name: str
    title: str
    columns: Sequence[tuple[str, str]]
    rows: Callable[[int], Sequence[dict[str, Any]]]
    described: str


def safe_text(value: Any) -> str:
    """Text no spreadsheet runs: an apostrophe before whatever could start a formula."""
    text = "" if value is None else str(value)
    stripped = text.lstrip(" \u3000\u00a0\ufeff\u200b")
    if text[:1] in DANGEROUS or stripped[:1] in DANGEROUS:
        return "'" + text
    return text


def file_bytes(context: Context, sheet: Sheet, kind: str) -> bytes:
    """Record the export, then make the file.

    Raises:
        Denied: more rows than this post may take away, or the session has ended.
    """
    limit = context.policy.export_rows(context.session.roles)
    rows = [_local(context, row) for row in sheet.rows(limit)]
    preface = record(context, sheet.name, kind, sheet.described, len(rows))
    return _csv(sheet, rows, preface) if kind == "csv" else _xlsx(sheet, rows, preface)


def record(context: Context, name: str, kind: str, described: str, rows: int) -> str:
    """Write that rows leave; returns the line that says so on the file itself.

    Raises:
        Denied: more rows than this post may take away, or the session has ended.
    """
    access = Access(
        entity_type="export",
        entity_id=name,
        snapshot_id=context.snapshot.build_id,
        args={"rows": rows, "kind": kind, "filter": described},
    )
    now = context.settings.clock()
    record_export(context.ledger, context.session, access, now=now)
    limit = context.policy.export_rows(context.session.roles)
    return (
        f"Orderhouse · {context.snapshot.build_id} · {context.session.login} · "
        f"{context.fmt.time(now)} {context.zone.key} · {described} · {rows}/{limit}"
    )


def _local(context: Context, row: dict[str, Any]) -> dict[str, Any]:
    """Times as the page shows them: in the reporting zone, which the first line names."""
    return {
        name: context.fmt.local(value) if isinstance(value, datetime) else value
        for name, value in row.items()
    }


def _csv(sheet: Sheet, rows: Sequence[dict[str, Any]], preface: str) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([safe_text(preface)])
    writer.writerow([safe_text(label) for _, label in sheet.columns])
    for row in rows:
        writer.writerow([_csv_cell(row.get(name)) for name, _ in sheet.columns])
    # Excel takes a CSV for UTF-8 only if it begins with a byte order mark.
    return out.getvalue().encode("utf-8-sig")


def _csv_cell(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float | Decimal):
        return str(value)
    return safe_text(_plain(value))


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def _xlsx(sheet: Sheet, rows: Sequence[dict[str, Any]], preface: str) -> bytes:
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options | {"strings_to_numbers": False}) as book:
        page = book.add_worksheet("Orderhouse")
        head = book.add_format({"bold": True, "bg_color": "#EEF2F6", "bottom": 1})
        time = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        page.write_string(0, 0, safe_text(preface))
        page.freeze_panes(2, 1)
        for column, (name, label) in enumerate(sheet.columns):
            page.write_string(1, column, safe_text(label), head)
            page.set_column(column, column, 20 if name.endswith(("_at", "_id")) else 14)
        for line, row in enumerate(rows, 2):
            for column, (name, _) in enumerate(sheet.columns):
                _xlsx_cell(page, line, column, row.get(name), time)
        page.autofilter(1, 0, len(rows) + 1, max(len(sheet.columns) - 1, 0))
    return out.getvalue()


def _xlsx_cell(page: Any, line: int, column: int, value: Any, time: Any) -> None:
    if value is None:
        page.write_blank(line, column, None)
    elif isinstance(value, bool):
        page.write_boolean(line, column, value)
    elif isinstance(value, int | float | Decimal):
        page.write_number(line, column, float(value))
    elif isinstance(value, datetime):
        page.write_datetime(line, column, value, time)
    else:
        page.write_string(line, column, safe_text(_plain(value))[:32_767])
