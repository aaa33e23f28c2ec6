"""One order, entirely: where it stands, how it got there, money, promises, parcels, sources."""

import streamlit as st

from dashboards.components import decide, order_hold, order_parts, refund_parts, revealing, url
from dashboards.components.format import plain
from dashboards.components.frame import empty
from dashboards.context import require
from dashboards.queries import orders

SECTIONS = (
    "timeline", "states", "lines", "parcels", "after_sales", "money", "invoices", "clocks",
    "sources", "handled",
)  # fmt: skip

context = require("order")
t, reader = context.terms, context.reader
order_id, text = url.read("id"), url.read("s")

if not order_id:
    order_parts.search_page(context, text)
    st.stop()
order = orders.order(reader, order_id)
if order is None:
    empty(t("order.missing", id=order_id), t("order.missing_hint"), ":material/search_off:")
    order_parts.search_page(context, "")
    st.stop()

order_parts.header(context, order)
order_hold.hold_bar(context, order)
order_parts.cases(context, order_id)
left, right = st.columns([3, 1], gap="medium")
with right:
    order_parts.contact(context, order)
    order_parts.amounts(context, order)
    refund_parts.way_in(context, order_id)
with left:
    sections = [s for s in SECTIONS if s != "money" or context.sees("money")]
    section = st.segmented_control(
        t("order.section"),
        sections,
        format_func=lambda code: t(f"order.section.{code}"),
        key="order_section",
        label_visibility="collapsed",
        required=True,
        default="timeline",
    )
    order_parts.SECTIONS[section or "timeline"](context, order)
st.caption(plain(f"{order_id} · {context.snapshot.build_id}"))
decide.dialog(context)
revealing.reveal_dialog(context, order_parts.openers(context, order))
