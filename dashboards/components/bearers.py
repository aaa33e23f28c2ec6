"""Who bears a compensation: three parts that are the whole, proposed by who is liable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import streamlit as st

from dashboards.components.format import plain
from dashboards.context import Context
from dashboards.queries.orders import supplied_lines
from orderhouse.ledger.compensation import proposed
from orderhouse.ledger.verbs import PARTS


def split(
    context: Context, verb: str, able: Sequence[Mapping[str, Any]], amount: str, reason: str | None
) -> dict[str, str]:
    """The parts, with the article and its supplier where there is one."""
    t, total = context.terms, Decimal(amount)
    line = _line(context, able)
    if line is None:
        st.caption(t("act.no_supplier"))
    else:
        said = t("act.borne_by", supplier=line["supplier_id"], sku=line["sku"])
        st.caption(plain(said))
    proposal = proposed(context.policy, reason, total, has_supplier=line is not None)
    with st.container(horizontal=True):
        told = {
            name: st.number_input(
                t(f"act.bearer.{name}"), min_value=0.0, step=1.0, format="%.2f",
                value=float(proposal[name]), disabled=name == "supplier_amount" and line is None,
                # Another amount or reason is another proposal.
                key=f"decide_{name}_{verb}_{reason}_{amount}",
            )
            for name in PARTS
        }  # fmt: skip
    parts = {name: f"{value:.2f}" for name, value in told.items()}
    borne = sum(map(Decimal, parts.values()))
    said = t("act.borne", total=f"{borne:.2f}", amount=f"{total:.2f}")
    (st.caption if borne == total else st.warning)(plain(said))
    st.caption(t("act.liable"))
    currency = {"currency_code": str(able[0].get("currency_code") or "")} if able else {}
    if line is None or not Decimal(parts["supplier_amount"]):
        return parts | currency
    return parts | currency | {"sku": line["sku"], "supplier_id": line["supplier_id"]}


def _line(context: Context, able: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The line a supplier delivered: the one the case is about, else the order's only one."""
    if len(able) != 1 or not able[0].get("order_id"):
        return None
    row = able[0]
    case_id = str(row["entity_id"]) if row["entity_type"] == "case" else None
    lines = supplied_lines(context.reader, str(row["order_id"]), case_id)
    return lines[0] if len(lines) == 1 or (lines and case_id) else None
