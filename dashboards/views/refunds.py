"""Refunds: what an order can still give back, who has to agree, and what became of it."""

import streamlit as st

from dashboards.components import frame, refund_parts, url
from dashboards.context import require
from dashboards.queries import refunds
from orderhouse.ledger import names_of, refund_requests_of

context = require("refunds")
t = context.terms

st.header(t("nav.refunds"), anchor=False)
st.caption(t("refunds.help"))
order_id = url.read("o").strip()[:200]
st.text_input(
    t("refunds.order"),
    key="refund_order",
    placeholder=t("refunds.order_hint"),
    on_change=url.bound("refund_order", "o", order_id, "case", "request"),
    icon=":material/search:",
    width=360,
)
if order_id:
    account = refunds.account(context.reader, order_id)
    if account is None:
        frame.empty(t("order.missing", id=order_id), t("order.missing_hint"))
    else:
        of_order = refund_requests_of(context.ledger, order_id=order_id)
        refund_parts.ask(context, account, of_order)

shops = context.session.shops
rows = refund_parts.shown(
    context, refund_requests_of(context.ledger, order_id=order_id or None, shops=shops)
)
names = names_of(context.ledger)
opened = refund_parts.listed(context, rows, names)
if opened is not None:
    refund_parts.panel(context, opened, names)
