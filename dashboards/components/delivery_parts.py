"""What was told to other systems: how many messages stand where, and those that have not ended."""

from __future__ import annotations

from dataclasses import asdict

import streamlit as st

from dashboards.components.frame import empty
from dashboards.components.grids import grid
from dashboards.context import Context
from orderhouse.ledger import deliveries, delivery_counts

STATES = ("waiting", "pending", "sent", "failed", "given_up", "answered")
OPEN = ("given_up", "failed", "sent", "pending")
COLUMNS = (
    "told_system", "sent_verb", "order_id", "shop_id", "delivery_state", "try_count",
    "delivery_code", "decided_at", "next_try_at",
)  # fmt: skip


def messages(context: Context) -> None:
    """The outbox: nothing in it is a person's data, so whoever sees the page sees all of it, cut
    down to their shops."""
    t, counts = context.terms, delivery_counts(context.ledger)
    st.subheader(t("health.messages"), anchor=False, help=t("health.messages_help"))
    with st.container(horizontal=True):
        for state in STATES:
            if counts.get(state):
                label = f"{t.code('delivery_state', state)} {context.fmt.count(counts[state])}"
                st.badge(label, color=_color(state))
    shops = context.session.shops
    rows = [
        asdict(row) | {
            "told_system": row.system, "sent_verb": row.verb, "delivery_state": row.state,
            "try_count": row.attempts, "delivery_code": row.code,
        }
        for row in deliveries(context.ledger, states=OPEN)
        if shops is None or row.shop_id in shops
    ]  # fmt: skip
    if rows:
        grid(context, rows, COLUMNS, key="messages", alt=t("health.messages"))
    else:
        empty(t("health.no_messages"), icon=":material/task_alt:")


def _color(state: str) -> str:
    return {"given_up": "red", "failed": "orange", "answered": "green"}.get(state, "gray")
