"""What sells when, and with what: the hours and baskets of the analysis page."""

from __future__ import annotations

import streamlit as st

from dashboards.components import analysis_charts, frame, url
from dashboards.components.analysis_table import heading, numbers, table
from dashboards.components.format import plain
from dashboards.components.grids import grid
from dashboards.context import Context
from dashboards.queries.analysis import baskets, hours
from dashboards.queries.analysis.asked import Asked

PAIRS = 200
BUSIEST = (
    "channel", "order_count", "weekday_number", "hour_number", "per_day", "night_ratio",
    "weekend_ratio",
)  # fmt: skip


def show_hours(context: Context, asked: Asked) -> None:
    """The week as a map, and the fullest hour of each channel."""
    t = context.terms
    rows = hours.hours(asked)
    heading(context, asked, "hours", hours.COLUMNS, lambda limit: rows[:limit])
    st.caption(plain(t("analysis.hours_help")))
    if not rows:
        frame.empty(t("analysis.no_orders"), t("analysis.no_orders_hint"))
        return
    channels = sorted({row["channel"] for row in rows})
    chosen = url.read_choice("of", channels, "")
    if len(channels) > 1:
        st.pills(
            t("filter.channel"),
            channels,
            format_func=lambda code: context.labels("channel", code),
            key="analysis_of",
            on_change=url.bound("analysis_of", "of", chosen or None),
            label_visibility="collapsed",
        )
    analysis_charts.week(context, hours.grid_of(rows, chosen or None))
    found = hours.busiest(rows)
    grid(context, found, BUSIEST, key="busiest", alt=t("analysis.busiest"))


def show_baskets(context: Context, asked: Asked) -> None:
    """Pairs that come together more often than chance would have it, or why none is shown."""
    t, fmt = context.terms, context.fmt
    least = int(asked.limit("basket_pair_orders"))
    told = baskets.summary(asked)

    def rows(limit: int) -> list[dict]:
        return baskets.pairs(asked, least=least, limit=limit)

    heading(context, asked, "baskets", baskets.COLUMNS, rows)
    most = int(asked.limit("basket_skus_most"))
    help_text = plain(t("analysis.baskets_terms"))
    st.caption(plain(t("analysis.baskets_help", n=least, most=most)), help=help_text)
    numbers(
        context,
        ("analysis.basket_orders", fmt.count(told["order_count"])),
        ("analysis.basket_mixed", fmt.count(told["mixed_count"])),
        ("analysis.basket_large", fmt.count(told["large_count"])),
        ("analysis.basket_skus", fmt.count(told["sku_count"])),
    )
    found = rows(PAIRS)
    if not found:
        largest = fmt.count(baskets.largest_pair(asked))
        frame.empty(
            t("analysis.no_pairs"),
            t("analysis.no_pairs_hint", n=fmt.count(told["order_count"]), largest=largest,
              least=least),
        )  # fmt: skip
        return
    table(context, found, baskets.COLUMNS, "baskets")
    st.caption(plain(t("analysis.baskets_note", n=PAIRS)))
