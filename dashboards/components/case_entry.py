"""A missing order entered by hand: what was ordered, by whom, where to; handed in as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dashboards.acting import Outcome
from dashboards.components.format import plain
from dashboards.context import Context
from dashboards.queries.orders import known_skus
from orderhouse.order_entry import METHODS, Article, BadEntry, Entry, check, hand_in

VERB = "import_manually"
_SHANGHAI = timedelta(hours=8)
_TYPED = ("ordered", "paid", "currency", "name", "phone", "address", "city", "region", "country")


def chosen(context: Context, able: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The form. What is typed stays here: nothing of it belongs in the ledger."""
    t = context.terms
    st.session_state.pop("order_entry", None)
    if len(able) != 1:
        st.caption(t("entry.one_order"))
        return {}
    row = able[0]
    st.caption(plain(t("entry.lead", id=row["order_id"] or row["entity_id"])))
    usual = {
        "ordered": f"{row['opened_at'] + _SHANGHAI:%Y-%m-%d %H:%M}",
        "currency": str(row.get("currency_code") or "CNY"), "country": "CN",
    }  # fmt: skip
    rows = st.data_editor(
        pd.DataFrame({name: [""] for name in ("sku", "pieces", "price")}),
        num_rows="dynamic", hide_index=True, key="entry_articles",
        column_config={
            name: st.column_config.TextColumn(t(f"entry.{name}"))
            for name in ("sku", "pieces", "price")
        },
    )  # fmt: skip
    method = st.selectbox(
        t("entry.method"), METHODS, format_func=lambda code: t.code("payment_method", code),
        key="entry_method",
    )  # fmt: skip
    with st.container(horizontal=True):
        told = {
            name: st.text_input(
                t(f"entry.{name}"), value=usual.get(name, ""), key=f"entry_{name}", max_chars=300,
                width=320 if name == "address" else 200,
            )
            for name in _TYPED
        }  # fmt: skip
    articles = [
        Article(**{name: str(line[name] or "") for name in ("sku", "pieces", "price")})
        for line in rows.fillna("").to_dict("records")
        if any(str(value).strip() for value in line.values())
    ]
    st.session_state["order_entry"] = Entry(
        order_id=str(row["order_id"] or row["entity_id"]), shop_id=str(row["shop_id"] or ""),
        method=method, articles=articles, **told,
    )  # fmt: skip
    return {}


def problem(context: Context) -> str | None:
    """What has to be put right before it can be handed in."""
    entry = st.session_state.get("order_entry")
    try:
        if entry is None:
            raise BadEntry("one_order")
        check(entry, known_skus(context.reader, [one.sku.strip() for one in entry.articles]))
    except BadEntry as error:
        return context.terms(error.code, **error.fields)
    return None


def handed_in(context: Context, outcomes: Sequence[Outcome]) -> None:
    """The order follows its decision; a second click is the same file."""
    entry = st.session_state["order_entry"]
    for result in (outcome.result for outcome in outcomes):
        if result is not None:
            hand_in(context.settings, entry, context.session.display_name, result.action_id)
