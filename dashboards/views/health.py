"""Data health: what arrived, what was refused, how fresh feeds are, what gates said, what left."""

from functools import partial

import streamlit as st

from dashboards import reveal
from dashboards.components import delivery_parts, frame, health_parts, revealing
from dashboards.components.format import plain
from dashboards.components.grids import grid
from dashboards.context import require
from dashboards.queries import health

context = require("health")
t, reader, fmt = context.terms, context.reader, context.fmt

st.header(t("nav.health"), anchor=False)
totals = health.load_totals(reader)
with st.grid(5, min_column_width=160):
    st.metric(t("health.loads"), fmt.count(totals["loads"]), border=True)
    for name in ("read", "recorded", "quarantined", "skipped"):
        label, help_text = t(f"health.{name}"), t(f"health.{name}_help")
        st.metric(label, fmt.count(totals[name]), border=True, help=help_text)
rest = totals["read"] - totals["recorded"] - totals["quarantined"] - totals["skipped"]
if rest == 0:
    st.success(t("health.adds_up"), icon=":material/balance:")
else:
    st.error(plain(t("health.residue", n=fmt.count(rest))), icon=":material/warning:")

health_parts.gates(context)

st.subheader(t("health.feeds"), anchor=False)
health_parts.feeds(context, health.feeds(reader))

st.subheader(t("health.quarantine"), anchor=False)
refused = health.quarantine(reader)
if refused:
    columns = (
        "file_name", "row_number", "reason_code", "column_name", "detail", "raw_masked", "source",
        "shop_id", "layout", "received_at",
    )  # fmt: skip
    may = context.policy.may_reveal(context.session.roles, "quarantine")
    picked = grid(
        context, refused, columns, key="quarantine", alt=t("health.quarantine"), select=may
    )
    if may:
        health_parts.raw_bytes(context, refused, picked)
        openers = {
            f"quarantine/{row['quarantine_id']}": partial(
                reveal.reveal_quarantine, context, row["quarantine_id"]
            )
            for row in refused
        }
        revealing.reveal_dialog(context, openers)
else:
    frame.empty(t("health.no_quarantine"), icon=":material/task_alt:")

delivery_parts.messages(context)

st.subheader(t("health.control_totals"), anchor=False)
controls = health.control_totals(reader)
if controls:
    columns = ("source", "shop_id", "name", "stated", "computed", "is_equal", "file_name")
    grid(context, controls, columns, key="controls", alt=t("health.control_totals"))
else:
    frame.empty(t("health.no_controls"))

st.subheader(t("health.recent"), anchor=False)
columns = (
    "received_at", "source", "shop_id", "layout", "records_read", "records_recorded",
    "records_quarantined", "records_skipped", "file_name",
)  # fmt: skip
grid(
    context,
    health.loads(reader, limit=100),
    columns,
    key="loads",
    alt=t("health.recent"),
    height=360,
)
