"""Figures as cards: value, change, small line, meaning on hover, and the orders behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import streamlit as st

from dashboards.components import url
from dashboards.context import Context
from dashboards.queries.overview import Metric


def written(context: Context, metric: Metric, value: Decimal | None, currency: str) -> str:
    """A figure in words short enough for a card."""
    if value is None:
        return "–"
    if metric.kind == "money":
        return context.fmt.short_money(value, currency)
    if metric.kind == "ratio":
        return context.fmt.ratio(value)
    return context.fmt.short_count(value)


def change(
    context: Context, metric: Metric, now: Decimal | None, before: Decimal | None
) -> str | None:
    """Relative change of a sum, points of a ratio; nothing where there was nothing before."""
    if now is None or before is None:
        return None
    if metric.kind == "ratio":
        points = (now - before) * 100
        return context.terms("card.points", n=f"{points:+.1f}")
    if before == 0:
        return None
    return f"{(now - before) / abs(before) * 100:+.1f}%"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the cards are drawn from: sums of the period, of the compared one, and by day."""

    currency: str
    totals: Mapping[str, Any]
    before: Mapping[str, Any] | None
    days: Sequence[Mapping[str, Any]]


def cards(context: Context, metrics: Sequence[Metric], figures: Figures) -> None:
    """All cards in a wall that wraps."""
    with st.grid(4, min_column_width=210, gap="small"):
        for metric in metrics:
            with st.container(border=True, gap="xsmall", height="stretch"):
                _card(context, metric, figures)


def _card(context: Context, metric: Metric, figures: Figures) -> None:
    t = context.terms
    value = metric.value(dict(figures.totals))
    earlier = None if figures.before is None else metric.value(dict(figures.before))
    line = [float(metric.value(dict(day)) or 0) for day in figures.days]
    delta, said = change(context, metric, value, earlier), None
    if delta is not None:
        said = t("card.against", value=written(context, metric, earlier, figures.currency))
    st.metric(
        context.labels("metric", metric.code),
        written(context, metric, value, figures.currency),
        delta,
        delta_color="inverse" if metric.is_better_low else "normal",
        delta_description=said,
        help=context.labels("meaning", metric.code),
        chart_data=line if len(line) > 1 else None,
        chart_type="area",
    )
    if metric.drill:
        st.button(
            t("card.drill"),
            key=f"drill_{metric.code}",
            type="tertiary",
            icon=":material/list_alt:",
            on_click=lambda: url.write(drill=metric.drill, page=None),
        )
