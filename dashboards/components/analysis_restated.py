"""As first published and as known now: which metrics changed, on which days, and what came late."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import streamlit as st

from dashboards.components import frame, kpi_parts, url
from dashboards.components.analysis_table import heading, numbers, table
from dashboards.components.format import plain
from dashboards.components.grids import grid
from dashboards.context import Context
from dashboards.queries import kpis
from dashboards.queries.analysis import restated
from dashboards.queries.analysis.asked import Asked
from orderhouse.figures import Figures


def show_restated(context: Context, asked: Asked) -> None:
    """Metrics whose published days changed; one of them day by day; the facts behind a day."""
    t, fmt = context.terms, context.fmt
    store, known = Figures(context.settings.serving_dir), kpis.offered(context.reader)
    found = restated.stories(asked, store, known)
    rows = restated.by_metric(found)
    heading(context, asked, "restated", restated.COLUMNS, lambda limit: rows[:limit])
    days = fmt.count(asked.limit("restated_days"))
    st.caption(plain(t("analysis.restated_help", n=days)), help=plain(t("analysis.restated_terms")))
    if not found:
        frame.empty(t("analysis.none_published"), t("analysis.none_published_hint"))
        return
    numbers(
        context,
        ("analysis.restated_kpi_count", fmt.count(len(rows))),
        ("analysis.published_metrics", fmt.count(len({code for code, _ in found}))),
        ("analysis.published_days", fmt.count(len({day for _, day in found}))),
    )
    offered = restated.offered(asked, known)
    code = _chosen(context, rows, [kpi.code for kpi in offered])
    _days(context, asked, store, next(kpi for kpi in offered if kpi.code == code), found)


def _chosen(context: Context, rows: list[dict[str, Any]], codes: list[str]) -> str:
    """A metric that changed, ticked in the list, or any other by name."""
    t = context.terms
    if rows:
        picked = table(context, rows, restated.COLUMNS, "restated", select=True)
        if picked and rows[picked[0]]["metric_code"] != url.read("of"):
            url.write(of=rows[picked[0]]["metric_code"], page=None)
    else:
        frame.empty(t("analysis.none_restated"), icon=":material/task_alt:")
    code = url.read_choice("of", codes, rows[0]["metric_code"] if rows else codes[0])
    st.selectbox(
        t("analysis.metric"),
        codes,
        format_func=lambda item: context.labels("metric", item),
        key="analysis_of",
        on_change=url.bound("analysis_of", "of", code),
        width=420,
    )
    return code


def _written(context: Context, kpi: kpis.Kpi, value: float | None, currency: str) -> str:
    """To the cent: what is rounded for a card would hide a difference."""
    if kpi.kind == "money" and value is not None:
        return context.fmt.money(round(Decimal(str(value)), 2), currency)
    return kpi_parts.written(context, kpi, value, currency)


def _days(
    context: Context, asked: Asked, store: Figures, kpi: kpis.Kpi, found: dict[Any, restated.Story]
) -> None:
    t, settings = context.terms, context.settings
    run = kpis.Kpis(context.reader, settings.reporting_zone, settings.reporting_currency)
    days = restated.by_day(asked, store, run, kpi, found)
    name = context.labels("metric", kpi.code)
    if not days:
        frame.empty(t("analysis.none_published"), t("analysis.none_published_hint"))
        return
    currency = asked.wanted.currency

    def said(row: dict[str, Any]) -> dict[str, Any]:
        values = {
            column: _written(context, kpi, row[column], currency)
            for column in ("first_value", "now_value")
        }
        gap = row["difference_value"]
        text = _written(context, kpi, abs(gap), currency)
        sign = "+" if gap > 0 else "−"
        return row | values | {"difference_value": f"{sign}{text}" if abs(gap) > 1e-9 else None}

    st.subheader(plain(name), anchor=False)
    picked = grid(
        context, [said(row) for row in days], restated.DAY_COLUMNS, key="analysis_days", alt=name,
        select=True,
    )  # fmt: skip
    changed = [row for row in days if abs(row["difference_value"]) > 1e-9]
    day = (days[picked[0]] if picked else (changed or days)[0])["figure_date"]
    st.subheader(plain(t("analysis.late_of", day=context.fmt.day(day))), anchor=False)
    late = restated.late_facts(asked, store, kpi, day)
    if late:
        grid(context, late, restated.LATE_COLUMNS, key="analysis_late", alt=t("analysis.restated"))
    else:
        frame.empty(t("analysis.none_late"), t("analysis.none_late_hint"))
