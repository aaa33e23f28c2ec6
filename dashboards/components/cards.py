"""Figures as cards: value, change, small line, meaning on hover, and the orders behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def cards(
    context: Context,
    metrics: Sequence[Metric],
    currency: str,
    *,
    totals: Mapping[str, Any],
    before: Mapping[str, Any] | None,
    days: Sequence[Mapping[str, Any]],
    meanings: Mapping[str, str],
) -> None:
    """All cards in a wall that wraps."""
    with st.grid(4, min_column_width=210, gap="small"):
        for metric in metrics:
            value = metric.value(dict(totals))
            earlier = None if before is None else metric.value(dict(before))
            with st.container(border=True, gap="xsmall", height="stretch"):
                _card(context, metric, value, earlier, currency, days, meanings)


def _card(  # noqa: PLR0913, PLR0917  one card, drawn once
    context: Context,
    metric: Metric,
    value: Decimal | None,
    earlier: Decimal | None,
    currency: str,
    days: Sequence[Mapping[str, Any]],
    meanings: Mapping[str, str],
) -> None:
    t, name = context.terms, context.labels("metric", metric.code)
    line = [float(metric.value(dict(day)) or 0) for day in days]
    delta = change(context, metric, value, earlier)
    said = None
    if delta is not None:
        said = t("card.against", value=written(context, metric, earlier, currency))
    st.metric(
        name,
        written(context, metric, value, currency),
        delta,
        delta_color="inverse" if metric.is_better_low else "normal",
        delta_description=said,
        help=meanings.get(metric.code),
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
