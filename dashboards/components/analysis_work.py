"""How work goes: rules of review, what promises break on, and figures of staff."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboards.components import analysis_charts, filters, frame, url
from dashboards.components.analysis_table import heading, numbers, table
from dashboards.components.format import plain
from dashboards.components.grids import grid
from dashboards.context import Context
from dashboards.queries.analysis import causes, rules, staff
from dashboards.queries.analysis.asked import Asked
from orderhouse.ledger import names_of

PAGE, BARS = 25, 20
# A part that is a code, and the labels it has.
_LABELS = {
    "sla_code": "sla", "milestone_code": "milestone", "carrier": "carrier", "rule_code": "rule",
    "channel": "channel",
}  # fmt: skip


def show_rules(context: Context, asked: Asked) -> None:
    """Rules by the time they hold up, with precision, recall, and the orders a rule hit."""
    t = context.terms
    rows = rules.rules(asked)
    heading(context, asked, "rules", rules.COLUMNS, lambda limit: rows[:limit])
    days = int(asked.limit("outcome_ripe_days"))
    st.caption(plain(t("analysis.rules_help", n=days)), help=plain(t("analysis.rules_terms")))
    if not rows:
        frame.empty(t("analysis.no_hits"), t("analysis.no_orders_hint"), ":material/task_alt:")
        return
    hidden = {"currency_code"} if context.sees("money") else {"currency_code", "held_amount"}
    columns = [name for name in rules.COLUMNS if name not in hidden]
    picked = table(context, rows, columns, "rules", select=True)
    chosen = rows[picked[0] if picked else 0]
    code, version = chosen["rule_code"], chosen["rule_version"]
    hits = context.fmt.count(chosen["hit_count"])
    name = context.labels("rule", code)
    st.subheader(plain(t("analysis.hits_of", rule=name, n=hits)), anchor=False)
    offset = (url.read_number("page", 1) - 1) * PAGE
    found = rules.orders(asked, code, version, limit=PAGE, offset=offset)
    for row in found:
        codes = (row["outcome_codes"] or "").split()
        said = [context.labels("review_outcome", outcome) for outcome in codes]
        row["outcome_codes"] = t("list.join").join(said) or None
    shown = [
        name for name in rules.ORDER_COLUMNS if name != "payable_amount" or context.sees("money")
    ]
    _orders(context, found, shown, chosen["hit_count"], name)


def show_causes(context: Context, asked: Asked) -> None:
    """Minutes beyond the deadline by part, against what such clocks usually take."""
    t, fmt = context.terms, context.fmt
    part = url.read_choice("by", causes.PARTS, causes.PARTS[0])
    rows = causes.causes(asked, part)
    heading(context, asked, "causes", causes.COLUMNS, lambda limit: rows[:limit])
    st.caption(plain(t("analysis.causes_help")), help=plain(t("analysis.causes_terms")))
    told = causes.total(asked)
    if not told["breach_count"]:
        frame.empty(t("analysis.no_breaches"), t("analysis.no_orders_hint"), ":material/task_alt:")
        return
    numbers(
        context,
        ("analysis.due_clocks", fmt.count(told["clock_count"])),
        ("analysis.broken_clocks", fmt.count(told["breach_count"])),
        ("analysis.over_hours", fmt.count(told["over_minutes"] / 60)),
    )
    st.pills(
        t("metrics.by"),
        causes.PARTS,
        format_func=lambda code: t.code("analysis_cause", code),
        key="analysis_by",
        on_change=url.bound("analysis_by", "by", part, "page"),
        required=True,
    )
    names = [_part(context, part, row["part"]) for row in rows]
    analysis_charts.pareto(context, rows[:BARS], names[:BARS])
    shown = [row | {"part": name} for row, name in zip(rows, names, strict=True)]
    picked = table(context, shown, causes.COLUMNS, "causes", select=True)
    at = picked[0] if picked else 0
    chosen = rows[at]
    count = fmt.count(chosen["breach_count"])
    st.subheader(plain(t("analysis.broken_of", part=names[at], n=count)), anchor=False)
    offset = (url.read_number("page", 1) - 1) * PAGE
    found = causes.clocks(asked, part, chosen["part"], limit=PAGE, offset=offset)
    _orders(context, found, causes.CLOCK_COLUMNS, chosen["breach_count"], names[at])


def _part(context: Context, part: str, code: str | None) -> str:
    if code is None:
        return context.terms("analysis.no_part")
    return context.labels(_LABELS[part], code) if part in _LABELS else code


def _orders(
    context: Context, rows: Sequence[dict[str, Any]], columns: Sequence[str], total: int, alt: str
) -> None:
    """Rows about orders; a ticked one is opened where the post may open orders."""
    may = context.policy.may_open(context.session.roles, "order")
    ticked = grid(context, rows, columns, key="analysis_orders", alt=alt, select=may)
    filters.pages(context, total, PAGE)
    if ticked and rows[ticked[0]]["order_id"]:
        st.switch_page("views/order.py", query_params={"id": rows[ticked[0]]["order_id"]})


def show_staff(context: Context, asked: Asked) -> None:
    """What each person handled, how long it took, how often it held, what buyers said."""
    t = context.terms
    rows, names = staff.staff(asked), names_of(context.ledger)
    for row in rows:
        row["actor_id"] = names.get(row["actor_id"], row["actor_id"])
    heading(context, asked, "staff", staff.COLUMNS, lambda limit: rows[:limit])
    few = int(asked.limit("small_group_count"))
    st.caption(plain(t("analysis.staff_help", n=few)), help=plain(t("analysis.staff_terms")))
    if not rows:
        frame.empty(t("analysis.no_work"), t("analysis.no_orders_hint"))
        return
    table(context, rows, staff.COLUMNS, "staff")
