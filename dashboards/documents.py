"""A report as a file: an Excel workbook with a sheet a table, or a PDF. Recorded like every export.

The screen, the workbook and the paper are written from the same cells: numbers stay numbers in
Excel, and text of others is text everywhere.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import xlsxwriter

from dashboards.context import Context
from dashboards.export import KINDS, record, safe_text
from dashboards.printing import paper
from dashboards.queries.reports.shape import (
    CODE,
    COUNT,
    DAY,
    MINUTES,
    MONEY,
    QUANTITY,
    RATIO,
    SCORE,
    Cell,
    Report,
    Section,
    sized,
)

MIMES = {"xlsx": KINDS["xlsx"], "pdf": "application/pdf"}
_FORMATS = {
    COUNT: "#,##0", QUANTITY: "#,##0.##", MONEY: "#,##0.00", RATIO: "0.0%", MINUTES: "[h]:mm",
    SCORE: "#,##0.00", DAY: "yyyy-mm-dd",
}  # fmt: skip
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")
_WIDE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A report and what is said about it."""

    report: Report
    title: str
    subtitle: str
    described: str


def document_bytes(context: Context, document: Document, kind: str) -> bytes:
    """Record the export, then make the file.

    Raises:
        Denied: more rows than this post may take away, or the session has ended.
        NoFont: paper, and no font here can write Chinese.
    """
    name = f"report-{document.report.code}"
    preface = record(context, name, kind, document.described, document.report.row_count)
    if kind == "pdf":
        return paper(context.settings, _printed(context, document, preface))
    return _workbook(context, document, preface)


def _printed(context: Context, document: Document, preface: str) -> dict[str, Any]:
    """The report as the template reads it: strings and lengths, nothing else."""
    report = document.report
    return {
        "title": document.title,
        "subtitle": document.subtitle,
        "preface": preface,
        "language": context.language,
        "nothing": context.terms("report.nothing"),
        "is_wide": any(len(section.columns) > _WIDE for section in report.sections),
        "sections": [_section(context, section, report) for section in report.sections],
    }


def _section(context: Context, section: Section, report: Report) -> dict[str, Any]:
    currency = context.words.currency_of(report)
    lengths = bars(section)

    def row(cells: Sequence[Cell], at: int | None) -> list[dict[str, Any]]:
        return [
            {"text": context.words.written(cell, currency)}
            | ({"bar": lengths[at]} if at is not None and column.name == section.bars else {})
            for column, cell in zip(section.columns, cells, strict=True)
        ]

    return {
        "title": context.words.title(section),
        "notes": [context.terms(note) for note in section.notes],
        "columns": [
            {
                "label": context.words.heading(column),
                "is_number": column.is_number,
                "is_bar": column.name == section.bars,
            }
            for column in section.columns
        ],
        "rows": [row(cells, at) for at, cells in enumerate(section.rows)],
        "total": None if section.total is None else row(section.total, None),
    }


def bars(section: Section) -> list[float]:
    """The length of each row's bar; rows that sum up others have none."""
    names = [column.name for column in section.columns]
    if section.bars not in names:
        return [0.0] * len(section.rows)
    at = names.index(section.bars)
    return sized([None if row[0].domain == "report_row" else row[at].value for row in section.rows])


def _workbook(context: Context, document: Document, preface: str) -> bytes:
    out = io.BytesIO()
    options = {
        "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
        "strings_to_numbers": False,
    }  # fmt: skip
    with xlsxwriter.Workbook(out, options) as book:
        formats = {kind: book.add_format({"num_format": code}) for kind, code in _FORMATS.items()}
        head = book.add_format({"bold": True, "bg_color": "#EEF2F6", "bottom": 1})
        taken: set[str] = set()
        for section in document.report.sections:
            page = book.add_worksheet(_sheet_name(context.words.title(section), taken))
            page.write_string(0, 0, safe_text(preface))
            page.write_string(1, 0, safe_text(f"{document.title} · {document.subtitle}"))
            page.freeze_panes(3, 1)
            for at, column in enumerate(section.columns):
                page.write_string(2, at, safe_text(context.words.heading(column)), head)
                page.set_column(at, at, 16 if column.is_number else 24)
            rows = [*section.rows, *([] if section.total is None else [section.total])]
            for line, cells in enumerate(rows, 3):
                for at, cell in enumerate(cells):
                    _put(context, page, (line, at), cell, formats)
    return out.getvalue()


def _put(
    context: Context, page: Any, place: tuple[int, int], cell: Cell, formats: dict[str, Any]
) -> None:
    value, style = cell.value, formats.get(cell.kind)
    if cell.kind == CODE:
        page.write_string(*place, safe_text(context.words.written(cell, "")))
    elif value is None:
        page.write_blank(*place, None)
    elif cell.kind == MINUTES:  # Excel counts time in days
        page.write_number(*place, float(value) / 1440, style)
    elif cell.kind == DAY and isinstance(value, date):
        page.write_datetime(*place, value, style)
    elif style is not None:
        page.write_number(*place, float(value), style)
    else:
        page.write_string(*place, safe_text(value)[:32_767])


def _sheet_name(title: str, taken: set[str]) -> str:
    """A name Excel takes: 31 characters, none of the forbidden, each once."""
    name = _NOT_IN_NAMES.sub(" ", title).strip()[:28] or "Sheet"
    found, number = name, 2
    while found.lower() in taken:
        found, number = f"{name} {number}", number + 1
    taken.add(found.lower())
    return found
