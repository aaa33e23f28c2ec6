"""Choosing the after-sales case that goods belong to: the likely ones with what speaks for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboards.components.format import plain
from dashboards.context import Context
from dashboards.queries import returns

VERB = "match_case"


def chosen(context: Context, able: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The case somebody picks; nothing: none is picked yet."""
    if len(able) != 1:
        return {}
    t, item = context.terms, able[0]
    _goods(context, item)
    text = st.text_input(t("returns.find"), key="match_case_text", max_chars=80).strip()
    found = returns.candidates(context.reader, item, text)
    if not found:
        st.caption(plain(t("returns.not_found", text=text) if text else t("returns.none")))
        return {}
    by_id = {case["case_id"]: case for case in found}
    picked = st.radio(
        t("returns.which"),
        list(by_id),
        format_func=lambda case_id: plain(_title(context, by_id[case_id])),
        captions=[plain(_judged_by(context, item, case)) for case in found],
        index=None,
        key=f"match_case_choice_{text}",
    )
    return {"case_id": picked} if picked else {}


def _goods(context: Context, item: Mapping[str, Any]) -> None:
    t, parcel = context.terms, returns.told(item, "tracking_number")
    said = t(
        "returns.goods",
        sku=returns.told(item, "sku") or "–",
        time=context.fmt.time(item["opened_at"]),
    )
    if parcel:
        said = f"{said} · {t('returns.by_parcel', number=parcel)}"
    st.caption(plain(said))


def _title(context: Context, case: Mapping[str, Any]) -> str:
    t = context.terms
    kind, status = (
        t.code("case_kind", case["case_kind"]),
        t.code("after_sales", case["case_status"]),
    )
    return f"{case['case_id']} · {kind} · {status}"


def _judged_by(context: Context, item: Mapping[str, Any], case: Mapping[str, Any]) -> str:
    """What speaks for a case, what it waits for, and what speaks against it."""
    t, fmt = context.terms, context.fmt
    told = [t.code("match_fact", sign) for sign in returns.SIGNS if case[sign]]
    told.append(f"{t.code('column', 'order_id')} {case['order_id']}")
    if case["requested_at"]:
        told.append(t("returns.asked", time=fmt.time(case["requested_at"])))
    told.append(
        t(
            "returns.pieces",
            asked=fmt.quantity(case["requested_quantity"]),
            got=fmt.quantity(case["received_quantity"]),
        )
    )
    sku = returns.told(item, "sku")
    if case["sku"] and sku and case["sku"] != sku:
        told.append(t("returns.other_article", sku=case["sku"]))
    return " · ".join(told)
