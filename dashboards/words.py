"""Writing a report's cells and headings in a language: for the page, for paper, for the digest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from dashboards.components.format import NOTHING, Format
from dashboards.labels import Labels
from dashboards.queries.overview import CONVERTED
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
    Column,
    Report,
    Section,
)
from orderhouse.terms import Terms


@dataclass(frozen=True, kw_only=True)
class Words:
    """One reader's language, number format and names of codes."""

    terms: Terms
    fmt: Format
    labels: Labels
    reporting_currency: str

    def currency_of(self, report: Report) -> str:
        """What amounts are in."""
        return self.reporting_currency if report.currency == CONVERTED else report.currency

    def title(self, section: Section) -> str:
        return self.terms.code("report_section", section.code)

    def heading(self, column: Column) -> str:
        """What stands over a column."""
        if column.is_share:
            return self.terms("report.share")
        if column.metric:
            return self.labels("metric", column.metric)
        return self.terms.code("column", column.name)

    def written(self, cell: Cell, currency: str) -> str:
        """A cell in words."""
        value, fmt = cell.value, self.fmt
        if cell.kind == CODE:
            if value in (None, ""):
                return self.terms("report.unstated")
            return self.labels(cell.domain, value)
        if value is None:
            return NOTHING
        writers: dict[str, Callable[[Any], str]] = {
            COUNT: fmt.count,
            QUANTITY: lambda number: fmt.quantity(round(number, 2)),
            SCORE: lambda number: fmt.quantity(round(number, 2)),
            MONEY: lambda number: fmt.money(round(number, 2), currency),
            RATIO: fmt.ratio,
            MINUTES: lambda number: fmt.duration(timedelta(minutes=float(number))),
            DAY: fmt.day,
        }
        return writers.get(cell.kind, str)(value)
