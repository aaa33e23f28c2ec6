"""Buyers and reasons of the analysis page: who comes back, and why goods do."""

from __future__ import annotations

import streamlit as st

from dashboards.components import analysis_charts, filters, frame, url
from dashboards.components.analysis_table import heading, numbers, table
from dashboards.components.format import plain
from dashboards.components.grids import grid
from dashboards.context import Context
from dashboards.queries.analysis import buyers, reasons
from dashboards.queries.analysis.asked import Asked

PAGE = 25
ROWS, LEADING = 300, 5
SHOWN = ("retention_ratio", "value_amount")


def show_buyers(context: Context, asked: Asked) -> None:
    """New and returning buyers by month, and cohorts by the month of the first order."""
    t, fmt = context.terms, context.fmt
    months = buyers.by_month(asked)
    heading(context, asked, "buyers", buyers.PERIOD_COLUMNS, lambda limit: months[:limit])
    st.caption(plain(t("analysis.buyers_help")))
    if not months:
        frame.empty(t("analysis.no_buyers"), t("analysis.no_buyers_hint"))
    else:
        total = {
            name: sum(row[name] for row in months)
            for name in ("order_count", "new_count", "repeat_count")
        }
        numbers(
            context,
            ("analysis.new_orders", fmt.count(total["new_count"])),
            ("analysis.repeat_orders", fmt.count(total["repeat_count"])),
            ("analysis.repeat_share", fmt.ratio(total["repeat_count"] / total["order_count"])),
            ("analysis.unknown_buyers", fmt.count(buyers.unknown(asked))),
        )
        table(context, months, buyers.PERIOD_COLUMNS[:-1], "buyers")
    _cohorts(context, asked)


def _cohorts(context: Context, asked: Asked) -> None:
    t = context.terms
    cells = buyers.cohorts(asked)
    heading(context, asked, "cohorts", buyers.COHORT_COLUMNS, lambda limit: cells[:limit])
    help_text = plain(t("analysis.cohorts_terms"))
    st.caption(plain(t("analysis.cohorts_help", n=buyers.MONTHS)), help=help_text)
    if not cells:
        frame.empty(t("analysis.no_buyers"), t("analysis.no_buyers_hint"))
        return
    name = url.read_choice("by", SHOWN, SHOWN[0])
    st.segmented_control(
        t("analysis.cohorts"),
        SHOWN,
        format_func=lambda code: t.code("column", code),
        key="analysis_by",
        on_change=url.bound("analysis_by", "by", name),
        required=True,
        label_visibility="collapsed",
    )
    said = [_said(context, name, cell) for cell in cells]
    analysis_charts.cohorts(context, cells, said, name=name, alt_=t("analysis.cohorts"))


def _said(context: Context, name: str, cell: dict) -> str:
    value = cell[name]
    if value is None:
        return "–"
    if name == "retention_ratio":
        return context.fmt.ratio(value)
    return context.fmt.short_money(round(value, 0), cell["currency_code"])


def show_reasons(context: Context, asked: Asked) -> None:
    """Reasons of cases by what they are about, week by week, and the cases behind a row."""
    t = context.terms
    part = url.read_choice("by", reasons.PARTS, reasons.PARTS[0])
    rows = reasons.reasons(asked, part, limit=ROWS)
    columns = [name for name in reasons.COLUMNS if name != "product_name" or part == "sku"]
    heading(
        context, asked, "reasons", columns,
        lambda limit: reasons.reasons(asked, part, limit=limit),
    )  # fmt: skip
    st.caption(plain(t("analysis.reasons_help", n=int(asked.limit("small_group_count")))))
    if not rows:
        frame.empty(t("analysis.no_cases"), t("analysis.no_cases_hint"), ":material/task_alt:")
        return
    st.pills(
        t("metrics.by"),
        reasons.PARTS,
        format_func=lambda code: t.code("analysis_part", code),
        key="analysis_by",
        on_change=url.bound("analysis_by", "by", part, "page"),
        required=True,
    )
    weeks = reasons.by_week(asked, top=LEADING)
    names = [row["reason"] or t("analysis.no_reason") for row in weeks]
    analysis_charts.weekly(context, weeks, names)
    shown = [row | {"part": _part(context, part, row["part"])} for row in rows]
    shown_columns = columns if part != "all" else [name for name in columns if name != "part"]
    picked = table(context, shown, shown_columns, "reasons", select=True)
    chosen = rows[picked[0] if picked else 0]
    _cases(context, asked, part, chosen)


def _part(context: Context, part: str, code: str | None) -> str | None:
    if part in ("case_kind", "channel"):
        return context.labels(part, code)
    return code


def _cases(context: Context, asked: Asked, part: str, row: dict) -> None:
    t = context.terms
    said = row["reason"] or t("analysis.no_reason")
    name = t("analysis.cases", reason=said, n=context.fmt.count(row["case_count"]))
    st.subheader(plain(name), anchor=False)
    offset = (url.read_number("page", 1) - 1) * PAGE
    found = reasons.cases(asked, part, row["part"], row["reason"], limit=PAGE, offset=offset)
    ticked = grid(context, found, reasons.CASE_COLUMNS, key="analysis_cases", alt=said, select=True)
    filters.pages(context, row["case_count"], PAGE)
    if ticked:
        st.switch_page("views/order.py", query_params={"id": found[ticked[0]]["order_id"]})
