"""A report on the page: its filters, its tables with a chart each, and the files it leaves as."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from dashboards.components import charts, frame, url
from dashboards.components.format import plain
from dashboards.components.periods import Chosen
from dashboards.context import Context
from dashboards.documents import MIMES, Document, document_bytes
from dashboards.queries import overview
from dashboards.queries.kpis import Kpis, all_kpis
from dashboards.queries.overview import CONVERTED, Slice
from dashboards.queries.reports import goods
from dashboards.queries.reports.offered import REPORTS, TOPS, dimensions_of, make_custom
from dashboards.queries.reports.shape import RATIO, Cell, Report, Section
from dashboards.queries.reports.tables import Asked
from orderhouse.fonts import HOW, chinese_font

CHARTED, LONG, NARROW = 12, 12, 8
ICONS = {"xlsx": ":material/table:", "pdf": ":material/picture_as_pdf:"}


def filters(context: Context, code: str, chosen: Chosen) -> tuple[Chosen, int]:
    """The report's own filters on top of the period; all of them in the address."""
    offer = REPORTS.get(code)
    wanted, top = chosen.wanted, 20
    if offer is None or not (offer.filters or offer.has_top):
        return chosen, top
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        if "status" in offer.filters:
            found = _many(context, "status", _statuses(), "headline")
            wanted = replace(wanted, statuses=found)
        if "category" in offer.filters:
            found = _many(context, "category", goods.categories(context.reader), "")
            wanted = replace(wanted, categories=found)
        if offer.has_top:
            top = int(url.read_choice("top", [str(n) for n in TOPS], "20"))
            st.segmented_control(
                context.terms("report.top"),
                TOPS,
                key="report_top",
                on_change=url.bound("report_top", "top", top),
                required=True,
            )
    return Chosen(wanted=wanted, compare=chosen.compare), top


def _statuses() -> Sequence[str]:
    return (
        "UNPAID", "IN_REVIEW", "ON_HOLD", "BLOCKED", "TO_SHIP", "PART_SHIPPED", "IN_TRANSIT",
        "DELIVERED", "COMPLETED", "AFTER_SALES", "CANCELLED",
    )  # fmt: skip


def _many(context: Context, name: str, offered: Sequence[str], domain: str) -> tuple[str, ...]:
    found = url.read_many(name, offered)
    st.multiselect(
        context.terms.code("report_filter", name),
        offered,
        key=f"report_{name}",
        format_func=lambda code: context.labels(domain, code) if domain else code,
        placeholder=context.terms("filter.any"),
        on_change=url.bound(f"report_{name}", name, list(found)),
        width=260,
    )
    return found


def custom(context: Context, asked: Asked) -> Report | None:
    """A table of one's own: metrics, and what they are broken down by; a link keeps it."""
    t, known = context.terms, list(asked.known)
    metrics = url.read_many("metrics", known)
    st.multiselect(
        t("report.metrics"),
        known,
        key="report_metrics",
        format_func=lambda code: context.labels("metric", code),
        placeholder=t("report.metrics_hint"),
        on_change=url.bound("report_metrics", "metrics", list(metrics)),
        max_selections=8,
    )
    offered = dimensions_of(asked, metrics)
    if not offered:
        frame.empty(t("report.custom_empty" if not metrics else "report.custom_apart"))
        return None
    by = url.read_choice("by", offered, offered[0])
    st.pills(
        t("metrics.by"),
        offered,
        format_func=lambda name: t.code("column", name),
        key="report_by",
        on_change=url.bound("report_by", "by", by),
        required=True,
    )
    return make_custom(asked, by, metrics)


def document(context: Context, report: Report, wanted: Slice) -> Document:
    """The report with its title and the filters it was made under, in words and as codes."""
    t, fmt, period = context.terms, context.fmt, wanted.period
    said = [f"{fmt.day(period.first)} – {fmt.day(period.last)}", context.words.currency_of(report)]
    codes = [f"{period.first}..{period.last}", wanted.currency]
    for name, domain, values in (
        ("channel", "channel", wanted.channels),
        ("status", "headline", wanted.statuses),
        ("category", "", wanted.categories),
    ):
        if values:
            words = [context.labels(domain, code) if domain else code for code in values]
            said.append(t("list.join").join(words))
            codes.append(f"{name}={'+'.join(values)}")
    return Document(
        report=report,
        title=t.code("report", report.code),
        subtitle=" · ".join(said),
        described="; ".join(codes),
    )


def downloads(context: Context, made: Document) -> None:
    """The report as files, if this post may take files away."""
    t = context.terms
    limit = context.policy.export_rows(context.session.roles)
    if not limit:
        return
    has_font = chinese_font(context.settings) is not None
    period = made.described.partition(";")[0]
    with st.container(horizontal=True, vertical_alignment="center"):
        for kind, mime in MIMES.items():
            st.download_button(
                t(f"report.{kind}"),
                data=lambda kind=kind: document_bytes(context, made, kind),
                file_name=f"{made.report.code}-{period.replace('..', '-')}.{kind}",
                mime=mime,
                key=f"report_{kind}",
                on_click="ignore",
                icon=ICONS[kind],
                disabled=kind == "pdf" and not has_font,
            )
        st.caption(t("export.note", limit=context.fmt.count(limit)))
    if not has_font:
        st.warning(plain(t("report.no_font", how=HOW)), icon=":material/font_download_off:")


def about_currency(context: Context, kpis: Kpis, wanted: Slice) -> None:
    """What amounts leave out, said before they are read."""
    t, offered = context.terms, overview.choices(context.reader)["currency"]
    kpi = next((kpi for kpi in all_kpis(context.reader) if kpi.code == "gmv_placed"), None)
    if kpi is not None and (missing := kpis.without_rate(kpi, wanted)):
        st.warning(plain(t("metrics.without_rate", n=context.fmt.count(missing))))
    if wanted.currency != CONVERTED and len(offered) > 1:
        st.caption(plain(t("report.one_currency", currency=wanted.currency)))


def sections(context: Context, report: Report) -> None:
    """Every table, the main figure drawn beside or above it."""
    if not report.sections:
        frame.empty(context.terms("report.nothing"))
    for section in report.sections:
        _section(context, section, report)


def _section(context: Context, section: Section, report: Report) -> None:
    title = context.words.title(section)
    st.subheader(plain(title), anchor=False)
    for note in section.notes:
        st.caption(plain(context.terms(note)))
    if not section.rows:
        st.caption(plain(context.terms("report.nothing")))
        return
    currency = context.words.currency_of(report)
    if _is_drawn_beside(section):
        left, right = st.columns([2, 3], gap="medium")
        with left:
            _chart(context, section, currency, title)
        with right:
            _table(context, section, report, title)
        return
    _chart(context, section, currency, title)
    _table(context, section, report, title)


def _is_drawn_beside(section: Section) -> bool:
    """A narrow table leaves room for its chart."""
    has_parts = section.columns[0].name not in ("day", "metric_code") and len(section.rows) > 1
    return bool(section.bars) and has_parts and len(section.columns) <= NARROW


def _table(context: Context, section: Section, report: Report, title: str) -> None:
    currency = context.words.currency_of(report)
    is_long = len(section.rows) > LONG
    totals = [] if section.total is None else [section.total]
    # What has to be scrolled shows its total first, or nobody would see it.
    rows = [*totals, *section.rows] if is_long else [*section.rows, *totals]
    frame_ = pd.DataFrame(
        [[context.words.written(cell, currency) for cell in row] for row in rows],
        columns=[column.name for column in section.columns],
    )
    config: dict[str, Any] = {
        column.name: st.column_config.TextColumn(
            context.words.heading(column), alignment="right" if column.is_number else "left"
        )
        for column in section.columns
    }
    st.dataframe(
        frame_,
        key=f"report_{report.code}_{section.code}",
        hide_index=True,
        column_config=config,
        height=420 if is_long else "auto",
        placeholder="–",
        alt=title,
    )


def _chart(context: Context, section: Section, currency: str, title: str) -> None:
    """Bars of the largest parts; a line where the parts are days."""
    names = [column.name for column in section.columns]
    if section.bars not in names or len(section.rows) < 2:
        return
    at = names.index(section.bars)
    column = section.columns[at]
    label = context.words.heading(column)
    if names[0] == "day":
        points = [(row[0].value, _float(row[at])) for row in reversed(section.rows)]
        charts.lines(context, label, points, None, is_ratio=column.kind == RATIO)
        return
    parts = [row for row in section.rows if row[0].domain != "report_row"][:CHARTED]
    if names[0] == "month":
        parts = parts[::-1]
    if len(parts) > 1:
        charts.ranking(
            [_name(context, row, names, currency) for row in parts],
            [_float(row[at]) or 0.0 for row in parts],
            [context.words.written(row[at], currency) for row in parts],
            name=label,
            title=title,
        )


def _name(context: Context, row: Sequence[Cell], names: Sequence[str], currency: str) -> str:
    """A part as the chart names it: an article by its name too."""
    said = context.words.written(row[0], currency)
    if "product_name" in names:
        said += f" {row[names.index('product_name')].value or ''}"
    return said if len(said) <= 34 else said[:33] + "…"


def _float(cell: Cell) -> float | None:
    return None if cell.value is None else float(cell.value)
