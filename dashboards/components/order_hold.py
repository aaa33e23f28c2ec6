"""An order on hold: who may let it go does so from the order itself.

A hold is a decision about the order, not a finding, so no queue item stands for it. Its case in the
ledger is named after the event that put the order on hold: another hold is another case.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboards.components import decide
from dashboards.components.format import plain
from dashboards.context import Context
from dashboards.queries import orders
from orderhouse.ledger import case_states

QUEUE = "Q09"
HELD = "HELD"


def hold_case(context: Context, order: Mapping[str, Any]) -> dict[str, Any]:
    """The hold as a case the ledger can act on."""
    order_id = str(order["order_id"])
    held = [
        row
        for row in orders.states(context.reader, order_id)
        if row["review_status"] == HELD and row["event_type"] in {"HOLD_APPLIED", "REVIEW_ENTERED"}
    ]
    cause = held[-1]["event_id"] if held else "hold"
    item_id = hashlib.sha256(f"{QUEUE}|{order_id}|{cause}".encode()).hexdigest()[:32]
    state = case_states(context.ledger, [item_id])[item_id]
    return {
        "item_id": item_id,
        "queue_code": QUEUE,
        "entity_type": "order",
        "entity_id": order_id,
        "order_id": order_id,
        "shop_id": order["shop_id"],
        "at_risk_amount": order.get("payable_amount"),
        "currency_code": order["currency_code"],
        "status": state.status,
        "holder": state.holder(context.now),
        "version": state.version,
    }


def hold_bar(context: Context, order: Mapping[str, Any]) -> None:
    """The bar over a held order; nothing for any other."""
    t = context.terms
    if order.get("review_status") != HELD:
        return
    row = hold_case(context, order)
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.badge(plain(t.code("review", HELD)), color="orange", icon=":material/pause_circle:")
        if row["status"] in {"resolved", "dismissed"}:
            st.text(t("hold.decided"))
        elif row["status"] == "proposed":
            st.text(t("case.proposed"))
            _buttons(context, row, ("approve", "refuse"))
        else:
            st.text(t("hold.text"))
            _buttons(context, row, ("release_hold", "review_reject"))


def _buttons(context: Context, row: dict[str, Any], verbs: tuple[str, ...]) -> None:
    for verb in verbs:
        if context.may(verb, QUEUE):
            st.button(
                context.terms.code("verb", verb),
                key=f"hold_{verb}",
                type="primary" if verb in {"release_hold", "approve"} else "secondary",
                on_click=decide.ask,
                args=(verb, [row["item_id"]], [row]),
            )
