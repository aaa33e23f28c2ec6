"""How much a case gives back: the proposal, what is left of the order, and who has to agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboards import case_refunds
from dashboards.components.format import plain
from dashboards.context import Context
from orderhouse.coins import places


def chosen(context: Context, verb: str, able: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The amount of one case; of several, and for who sees no money, each gets what is proposed."""
    t, fmt = context.terms, context.fmt
    if len(able) != 1:
        st.caption(t("refunds.each_proposed"))
        return {}
    found = case_refunds.proposed(context, able[0])
    if found is None:
        st.caption(t("refund.needs_order"))
        return {}
    currency = found.account.currency_code
    if not context.sees("money"):
        st.caption(t("refunds.submit_rest") if found.rest > 0 else t("refunds.nothing_left"))
        st.caption(t("refunds.always_second"))
        return {}
    digits = places(currency)
    amount = st.number_input(
        plain(t("refunds.amount", currency=currency)), value=float(found.amount), min_value=0.0,
        step=10.0**-digits, format=f"%.{digits}f", key=f"decide_refund_{verb}",
    )  # fmt: skip
    st.caption(plain(f"{t('refunds.rest')}: {fmt.money(found.rest, currency)}"))
    most = context.policy.refund_limit(context.session.roles, currency)
    limit = t("refunds.limit", n=fmt.money(most, currency)) if most else t("refunds.always_second")
    st.caption(plain(limit))
    return {"amount": f"{amount:.{digits}f}"}
