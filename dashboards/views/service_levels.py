"""Promises: how many were kept, which are open, and which will probably break next."""

from datetime import timedelta

import streamlit as st

from dashboards.components import charts, filters, frame, url
from dashboards.components.exporting import export_menu
from dashboards.components.format import plain
from dashboards.components.grids import grid
from dashboards.context import require
from dashboards.export import Sheet
from dashboards.queries import policies
from dashboards.queries import service_levels as levels

PAGE = 50
DAYS = ("7", "30", "90")
ATTAINED = (
    "sla_code", "owner_role", "clock_count", "kept_ratio", "met_count", "met_late_count",
    "breached_count", "unheard_count", "warning_count", "running_count", "paused_count",
    "median_minutes", "p90_minutes", "due_4h_count", "breach_4h_expected", "due_24h_count",
    "breach_24h_expected", "penalty_amount", "breach_cost_amount",
)  # fmt: skip
CLOCKS = (
    "outcome", "due_at", "breach_probability", "entity_type", "entity_id", "order_id", "channel",
    "shop_id", "started_at",
)  # fmt: skip

context = require("service_levels")
t, reader, fmt, now = context.terms, context.reader, context.fmt, context.now

st.header(t("nav.service_levels"), anchor=False)
known = policies.sla_policies(context.snapshot)
days = url.read_choice("days", DAYS, "30")
st.segmented_control(
    t("levels.days"),
    DAYS,
    format_func=lambda n: t("recon.last_days", n=n),
    key="levels_days",
    on_change=url.bound("levels_days", "days", days),
    required=True,
)
attained = levels.attainment(reader, now, now - timedelta(days=int(days)))
if not attained:
    frame.empty(t("levels.empty"), t("levels.empty_hint"), ":material/timer:")
    st.stop()
expected = {row["sla_code"]: row for row in levels.expected_breaches(reader, now)}
for row in attained:
    row["owner_role"] = known.get(row["sla_code"], {}).get("owner_role")
    row |= expected.get(row["sla_code"], {})
    if context.sees("money"):
        penalty = known.get(row["sla_code"], {}).get("penalty_amount") or 0
        row["currency_code"] = context.settings.reporting_currency
        row["penalty_amount"] = penalty
        row["breach_cost_amount"] = penalty * (row["breached_count"] + row["met_late_count"])

judged = [row for row in attained if row["is_met_kept"]]
decided = sum(row["met_count"] + row["met_late_count"] + row["breached_count"] for row in judged)
kept = sum(row["met_count"] for row in judged)
with st.grid(5, min_column_width=160):
    st.metric(
        t("levels.kept"), fmt.ratio(kept / decided if decided else None), border=True,
        help=t("levels.kept_help"),
    )  # fmt: skip
    broken = sum(row["breached_count"] for row in attained)
    st.metric(t("levels.broken"), fmt.count(broken), border=True, help=t("levels.broken_help"))
    if unheard := sum(row["unheard_count"] for row in attained):
        st.metric(
            t.code("clock_state", "unheard"), fmt.count(unheard), border=True,
            help=t("levels.unheard_help"),
        )  # fmt: skip
    for hours in levels.HORIZONS:
        soon = sum(row[f"breach_{hours}h_expected"] or 0 for row in expected.values())
        st.metric(
            t("levels.expected", n=hours), fmt.count(round(soon)), border=True,
            help=t("levels.expected_help", n=hours),
        )  # fmt: skip

codes = [row["sla_code"] for row in attained]
columns = [name for name in ATTAINED if context.sees("money") or not name.endswith("_amount")]
picked = grid(context, attained, columns, key="attained", alt=t("nav.service_levels"), select=True)
st.caption(t("levels.pick"))
if picked and codes[picked[0]] != url.read("sla"):
    url.write(sla=codes[picked[0]], page=None)
code = url.read_choice(
    "sla", codes, max(attained, key=lambda row: row["breached_count"])["sla_code"]
)

left, right = st.columns([3, 2], gap="medium")
with left:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(t("levels.open", name=context.labels("sla", code))), anchor=False)
        outcomes = url.read_many("state", levels.OPEN) or levels.OPEN
        export_menu(
            context,
            Sheet(
                name=f"clocks-{code}",
                title=context.labels("sla", code),
                columns=[(name, t.code("column", name)) for name in CLOCKS],
                rows=lambda limit: levels.open_clocks(reader, now, code, outcomes, limit=limit),
                described=f"{code} {','.join(outcomes)}",
            ),
            key="clocks",
        )
    st.pills(
        t("levels.state"),
        levels.OPEN,
        selection_mode="multi",
        format_func=lambda outcome: t.code("clock_state", outcome),
        key="levels_state",
        on_change=url.bound("levels_state", "state", list(outcomes), "page"),
        label_visibility="collapsed",
    )
    offset = (url.read_number("page", 1) - 1) * PAGE
    rows = levels.open_clocks(reader, now, code, outcomes, limit=PAGE, offset=offset)
    if rows:
        chosen = grid(context, rows, CLOCKS, key="clocks", alt=t("levels.open"), select=True)
        filters.pages(context, levels.open_count(reader, now, code, outcomes), PAGE)
        if chosen and rows[chosen[0]]["order_id"]:
            st.switch_page("views/order.py", query_params={"id": rows[chosen[0]]["order_id"]})
    else:
        frame.empty(t("levels.none_open"), icon=":material/task_alt:")
with right:
    st.subheader(t("levels.calibration"), anchor=False)
    st.caption(t("levels.calibration_help"))
    bins = levels.calibration(reader, code)
    if bins:
        charts.calibration(context, bins)
        total = sum(row["forecast_count"] for row in bins)
        brier = sum(row["forecast_count"] * row["brier_score"] for row in bins) / total
        st.caption(plain(t("levels.brier", x=f"{brier:.3f}", n=fmt.count(total))))
    else:
        frame.empty(t("levels.no_record"))
