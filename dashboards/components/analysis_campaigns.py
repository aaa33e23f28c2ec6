"""What a campaign changed: the effect with its interval, or why there is none, and the articles."""

from __future__ import annotations

import streamlit as st

from dashboards.components import analysis_charts, frame, url
from dashboards.components.analysis_table import heading, numbers, table
from dashboards.components.format import plain
from dashboards.context import Context
from dashboards.queries.analysis import campaigns
from dashboards.queries.analysis.asked import Asked

ROWS = 200


def show_campaigns(context: Context, asked: Asked) -> None:
    """One campaign: what is compared with what, the effect, day by day, article by article."""
    t, fmt = context.terms, context.fmt
    offered = campaigns.windows(asked)
    if not offered:
        frame.empty(t("analysis.no_campaigns"), t("analysis.no_campaigns_hint"))
        return
    codes = [window.code for window in offered]
    code = url.read_choice("of", codes, codes[0])
    window = offered[codes.index(code)]
    rows = campaigns.articles(asked, window)
    told = [row for row in rows if row["campaign_group"]]
    heading(context, asked, "campaigns", campaigns.COLUMNS, lambda limit: rows[:limit])
    st.caption(plain(t("analysis.campaigns_help")), help=plain(t("analysis.campaigns_terms")))
    st.pills(
        t("analysis.which_campaign"),
        codes,
        format_func=lambda item: context.labels("campaign", item),
        key="analysis_of",
        on_change=url.bound("analysis_of", "of", code),
        required=True,
        label_visibility="collapsed",
    )
    during, before = window.span(), window.span(window.shift)
    said = t(
        "analysis.spans", first=fmt.time(during[0]), last=fmt.time(during[1]),
        before_first=fmt.time(before[0]), before_last=fmt.time(before[1]),
    )  # fmt: skip
    st.caption(plain(said))
    found = campaigns.effect(asked, rows, code)
    if found.uplift is None:
        limits = {
            "articles": fmt.count(asked.limit("campaign_skus_least")),
            "units": fmt.count(asked.limit("campaign_units_least")),
        }
        reasons = [t(f"analysis.missing.{code}", **limits) for code in found.missing]
        frame.empty(t("analysis.too_little"), t("list.join").join(reasons))
    else:
        numbers(
            context,
            ("analysis.uplift", _signed(context, found.uplift)),
            ("analysis.uplift_low", _signed(context, found.low)),
            ("analysis.uplift_high", _signed(context, found.high)),
            ("analysis.placebo", _signed(context, found.placebo)),
        )
        is_sure = (found.low or 0) > 0 or (found.high or 0) < 0
        st.caption(plain(t("analysis.uplift_sure" if is_sure else "analysis.uplift_unsure")))
    if not told:
        return
    analysis_charts.campaign(context, campaigns.by_day(asked, window))
    table(context, told[:ROWS], campaigns.COLUMNS, "campaigns")


def _signed(context: Context, value: float | None) -> str:
    if value is None:
        return "–"
    return ("+" if value > 0 else "") + context.fmt.ratio(value)
