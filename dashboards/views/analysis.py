"""Why figures are what they are: what sells when, who comes back, what works and what does not."""

from collections.abc import Callable

import streamlit as st

from dashboards.components import (
    analysis_buyers,
    analysis_campaigns,
    analysis_restated,
    analysis_sales,
    analysis_work,
    frame,
    url,
)
from dashboards.components.periods import period_bar
from dashboards.context import Context, require
from dashboards.queries.analysis.asked import Asked

ANALYSES: dict[str, Callable[[Context, Asked], None]] = {
    "hours": analysis_sales.show_hours,
    "baskets": analysis_sales.show_baskets,
    "campaigns": analysis_campaigns.show_campaigns,
    "buyers": analysis_buyers.show_buyers,
    "reasons": analysis_buyers.show_reasons,
    "rules": analysis_work.show_rules,
    "causes": analysis_work.show_causes,
    "staff": analysis_work.show_staff,
    "restated": analysis_restated.show_restated,
}

context = require("analysis")
t, roles = context.terms, context.session.roles

st.header(t("nav.analysis"), anchor=False)
offered = [code for code in ANALYSES if context.policy.may_analyse(roles, code)]
if not offered:
    frame.empty(t("analysis.none_yours"))
    st.stop()
shown = url.read_choice("view", offered, offered[0])
st.pills(
    t("analysis.which"),
    offered,
    format_func=lambda code: t.code("analysis", code),
    key="analysis_view",
    on_change=url.bound("analysis_view", "view", shown, "of", "by", "page"),
    required=True,
    label_visibility="collapsed",
)
chosen = period_bar(context, compares=False, by_shop=True)
if chosen is None:
    frame.empty(t("overview.empty"), t("overview.empty_hint"))
    st.stop()
ANALYSES[shown](
    context,
    Asked(reader=context.reader, wanted=chosen.wanted, zone=context.settings.reporting_zone),
)
st.divider()
if context.policy.may_open(roles, "metrics"):
    st.page_link("views/metrics.py", label=t("analysis.to_metrics"), icon=":material/functions:")
