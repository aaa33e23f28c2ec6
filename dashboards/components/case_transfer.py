"""Goods for an order from another warehouse: which line, from where, how many; one request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import streamlit as st

from dashboards.components import stock_requests
from dashboards.components.format import plain
from dashboards.context import Context
from dashboards.queries import stock
from dashboards.stock_decided import decided_since

VERB = "transfer_goods"


def chosen(context: Context, able: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What is sent from where to where; nothing: there is nothing to choose from."""
    t, fmt = context.terms, context.fmt
    if len(able) != 1:
        st.caption(t("transfer.one_case"))
        return {}
    lines = stock.unserved(context.reader, str(able[0].get("order_id") or ""))
    if not lines:
        st.caption(t("transfer.nothing_short"))
        return {}
    line = lines[0]
    if len(lines) > 1:
        line = st.selectbox(
            t("transfer.line"), lines, format_func=lambda one: _named(context, one),
            key="transfer_line",
        )  # fmt: skip
    else:
        st.caption(plain(_named(context, line)))
    decided = decided_since(context.ledger, context.snapshot.manifest.published_at)
    offers = stock.elsewhere(context.reader, decided.moves, line["sku"], line["warehouse_id"])
    if not offers:
        st.caption(t("transfer.nowhere"))
        return {}
    by_name = {one["warehouse_id"]: one["atp_quantity"] for one in offers}
    origin = st.selectbox(
        t("transfer.from"), list(by_name),
        format_func=lambda name: f"{name} · {fmt.quantity(by_name[name])}",
        key=f"transfer_from_{line['sku']}",
    )  # fmt: skip
    place = stock_requests.place_of(context, decided, line["sku"], origin)
    lot = max(place.lots, key=place.there, default=None)
    most = min(by_name[origin], place.there(lot), line["shortfall_quantity"])
    number = st.number_input(
        t("stock.how_many.stock_transfer"), value=float(max(most, Decimal(0))), min_value=0.0,
        step=1.0, format="%g", key=f"transfer_quantity_{line['sku']}_{origin}",
    )  # fmt: skip
    if lot is not None:
        st.caption(plain(f"{t.code('column', 'lot')} {lot}"))
    st.caption(t("transfer.second"))
    told = {
        "sku": line["sku"], "warehouse_id": origin, "to_warehouse_id": line["warehouse_id"],
        "lot": lot, "quantity": f"{Decimal(f'{number:.4f}').normalize():f}",
        "book_quantity": f"{place.there(lot):f}", "seen_seq": place.seen_seq,
    }  # fmt: skip
    return {name: value for name, value in told.items() if value is not None}


def _named(context: Context, line: Mapping[str, Any]) -> str:
    missing = context.fmt.quantity(line["shortfall_quantity"])
    return context.terms(
        "transfer.short", sku=line["sku"], warehouse=line["warehouse_id"], n=missing
    )
