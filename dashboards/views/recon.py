"""Does it add up: both sides' totals, what matched, and every difference with its cause."""

from dataclasses import replace
from datetime import timedelta

import streamlit as st

from dashboards.components import decide, filters, frame, recon_parts, url
from dashboards.components.exporting import export_menu
from dashboards.components.format import plain
from dashboards.components.grids import grid
from dashboards.context import require
from dashboards.differences import STATES
from dashboards.export import Sheet
from dashboards.queries import recon

PAGE = 50
DAYS = ("7", "30", "90", "365")
BREAKS = (
    "state_code", "age_days", "recon_date", "break_type", "match_key", "order_id", "left_amount",
    "right_amount", "difference_amount", "currency_code", "explanation_code", "opened_at",
    "shop_id",
)  # fmt: skip

context = require("recon")
t, reader, fmt = context.terms, context.reader, context.fmt

st.header(t("nav.recon"), anchor=False)
kinds = recon.kinds(reader)
if not kinds:
    frame.empty(t("recon.empty"))
    st.stop()
code = url.read_choice("recon", kinds, kinds[0])
days = url.read_choice("days", DAYS, "30")
with st.container(horizontal=True, vertical_alignment="bottom"):
    st.pills(
        t("recon.which"),
        kinds,
        format_func=lambda item: context.labels("recon", item),
        key="recon_code",
        on_change=url.bound("recon_code", "recon", code, "page"),
        required=True,
    )
    st.segmented_control(
        t("recon.days"),
        DAYS,
        format_func=lambda n: t("recon.last_days", n=n),
        key="recon_days",
        on_change=url.bound("recon_days", "days", days, "page"),
        required=True,
    )
last = context.today
first = last - timedelta(days=int(days))

for row in recon.totals(reader, code, first, last):
    currency = row["currency_code"]
    rest = row["left_amount"] - row["right_amount"] - row["break_amount"]
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{plain(currency)}**", width="content")
            good = rest == 0
            st.badge(
                plain(
                    t("recon.adds_up") if good else t("recon.residue", x=fmt.money(rest, currency))
                ),
                color="green" if good else "red",
                icon=":material/balance:" if good else ":material/warning:",
            )
        with st.grid(4, min_column_width=200):
            left_count, right_count = fmt.count(row["left_count"]), fmt.count(row["right_count"])
            st.metric(t("recon.left"), fmt.money(row["left_amount"], currency), help=left_count)
            st.metric(t("recon.right"), fmt.money(row["right_amount"], currency), help=right_count)
            st.metric(t("recon.matched"), fmt.money(row["matched_amount"], currency))
            st.metric(t("recon.difference"), fmt.money(row["break_amount"], currency))
            st.metric(t("recon.explained"), fmt.money(row["explained_amount"], currency))
            st.metric(t("recon.unexplained"), fmt.money(row["unexplained_amount"], currency))
            ratio = row["matched_count"] / row["left_count"] if row["left_count"] else None
            st.metric(t("recon.ratio"), fmt.ratio(ratio))

decide.dialog(context)
recon_parts.ages(context, code)

days_asked = recon.Asked(recon_code=code, first=first, last=last, now=context.now)
counts = recon.states(reader, days_asked)
offered = [name for name in STATES if counts.get(name)]
state = url.read_choice("state", offered, "")
asked = replace(days_asked, state=state)
total = counts.get(state, 0) if state else sum(counts.values())
with st.container(horizontal=True, vertical_alignment="center"):
    st.subheader(plain(t("recon.breaks", n=fmt.count(total))), anchor=False)
    export_menu(
        context,
        Sheet(
            name=f"recon-{code}",
            title=context.labels("recon", code),
            columns=[
                (name, t.code("column", name))
                for name in reader.columns("fct_recon_breaks", BREAKS)
            ],
            rows=lambda limit: recon.breaks(reader, asked, limit=limit),
            described=f"{code} {state} {first}..{last}",
        ),
        key="recon",
    )
if offered:
    st.pills(
        t("recon.states"),
        offered,
        format_func=lambda name: f"{t.code('break_state', name)} {fmt.count(counts[name])}",
        key="recon_state",
        on_change=url.bound("recon_state", "state", state or None, "page"),
    )
if total:
    offset = (url.read_number("page", 1) - 1) * PAGE
    rows = recon_parts.cases(
        context,
        recon.breaks(reader, asked, limit=PAGE, offset=offset),
    )
    chosen = grid(context, rows, BREAKS, key="breaks", alt=t("nav.recon"), select=True)
    filters.pages(context, total, PAGE)
    if chosen and recon.decides(reader, code):
        recon_parts.panel(context, rows[chosen[0]])
    elif recon.decides(reader, code):
        st.caption(t("recon.choose"))
    else:
        st.caption(t("recon.elsewhere"))
else:
    frame.empty(t("recon.no_breaks"), icon=":material/task_alt:")

if recon.decides(reader, code):
    recon_parts.suggested(context, code)

st.subheader(t("recon.by_day"), anchor=False)
columns = (
    "recon_date", "currency_code", "left_count", "left_amount", "right_count", "right_amount",
    "matched_count", "break_count", "break_amount", "explained_amount", "unexplained_amount",
)  # fmt: skip
per_day = recon.by_day(reader, code, first, last)
if per_day:
    grid(context, per_day, columns, key="recon_daily", alt=t("recon.by_day"), height=320)
