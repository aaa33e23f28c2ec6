"""Charts. Colours come from the theme, titles from the catalogue, and nothing is fetched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from dashboards.context import Context
from dashboards.queries.overview import Metric


def trend(
    context: Context,
    metric: Metric,
    days: Sequence[Mapping[str, Any]],
    before: Sequence[Mapping[str, Any]] | None,
) -> None:
    """The chosen figure by day, with the compared period as a dashed line under it."""
    points = [(day["order_date"], _value(metric, day)) for day in days]
    earlier = None if before is None else [_value(metric, day) for day in before]
    name = context.labels("metric", metric.code)
    lines(context, name, points, earlier, is_ratio=metric.kind == "ratio")


def lines(
    context: Context,
    name: str,
    points: Sequence[tuple[Any, float | None]],
    before: Sequence[float | None] | None,
    *,
    is_ratio: bool,
) -> None:
    """A figure by day; a compared day stands under the day it is compared with."""
    t = context.terms
    order = [t("chart.now"), t("chart.before")]
    frame = pd.DataFrame(
        [
            *({"day": day, "value": value, "series": order[0]} for day, value in points),
            *(
                {"day": day, "value": other, "series": order[1]}
                for (day, _), other in zip(points, before or (), strict=False)
            ),
        ]
    )
    frame["day"] = pd.to_datetime(frame["day"])
    base = alt.Chart(frame).encode(
        x=alt.X("day:T", title=None, axis=alt.Axis(format="%m-%d", labelOverlap=True)),
        y=alt.Y(
            "value:Q", title=None, axis=alt.Axis(format=".0%" if is_ratio else ",.0f", tickCount=5)
        ),
        color=alt.Color(
            "series:N",
            title=None,
            sort=order,
            legend=alt.Legend(orient="top", symbolType="stroke") if before else None,
        ),
        tooltip=[
            alt.Tooltip("day:T", title=t("chart.day"), format="%Y-%m-%d"),
            alt.Tooltip("series:N", title=t("chart.series")),
            alt.Tooltip("value:Q", title=name, format=".1%" if is_ratio else ",.2~f"),
        ],
    )
    dashes = alt.Scale(domain=order, range=[[1, 0], [5, 4]])
    line = base.mark_line(point=len(points) < 40, interpolate="monotone").encode(
        strokeDash=alt.StrokeDash("series:N", legend=None, scale=dashes)
    )
    st.altair_chart(line.properties(height=280), alt=t("chart.alt", name=name))


def _value(metric: Metric, row: Mapping[str, Any]) -> float | None:
    value = metric.value(dict(row))
    return None if value is None else float(value)


def balance(context: Context, rows: Sequence[Mapping[str, Any]]) -> None:
    """Closing stock by day."""
    t = context.terms
    frame = pd.DataFrame(
        {
            "day": pd.to_datetime([row["stock_date"] for row in rows]),
            "value": [float(row["closing_quantity"]) for row in rows],
        }
    )
    chart = (
        alt.Chart(frame)
        .mark_area(interpolate="step-after", opacity=0.35, line=True)
        .encode(
            x=alt.X("day:T", title=None, axis=alt.Axis(format="%m-%d")),
            y=alt.Y("value:Q", title=None),
            tooltip=[
                alt.Tooltip("day:T", title=t("chart.day"), format="%Y-%m-%d"),
                alt.Tooltip("value:Q", title=t("stock.closing"), format=",.0f"),
            ],
        )
    )
    st.altair_chart(chart.properties(height=180), alt=t("stock.closing"))


def calibration(context: Context, bins: Sequence[Mapping[str, Any]]) -> None:
    """What was forecast against what came; points on the diagonal are honest forecasts."""
    t = context.terms
    frame = pd.DataFrame(
        {
            "said": [float(row["forecast_ratio"]) for row in bins],
            "came": [float(row["observed_ratio"]) for row in bins],
            "n": [int(row["forecast_count"]) for row in bins],
        }
    )
    share = alt.Scale(domain=[0, 1])
    points = (
        alt.Chart(frame)
        .mark_circle(opacity=0.8)
        .encode(
            x=alt.X("said:Q", title=t("levels.said"), scale=share, axis=alt.Axis(format=".0%")),
            y=alt.Y("came:Q", title=t("levels.came"), scale=share, axis=alt.Axis(format=".0%")),
            size=alt.Size("n:Q", legend=None, scale=alt.Scale(range=[40, 400])),
            tooltip=[
                alt.Tooltip("said:Q", title=t("levels.said"), format=".1%"),
                alt.Tooltip("came:Q", title=t("levels.came"), format=".1%"),
                alt.Tooltip("n:Q", title=t("levels.forecasts"), format=",.0f"),
            ],
        )
    )
    ends = pd.DataFrame({"said": [0.0, 1.0], "came": [0.0, 1.0]})
    diagonal = (
        alt.Chart(ends).mark_line(strokeDash=[4, 4], opacity=0.4).encode(x="said:Q", y="came:Q")
    )
    st.altair_chart((diagonal + points).properties(height=260), alt=t("levels.calibration"))


def durations(context: Context, days: Sequence[Mapping[str, Any]]) -> None:
    """How long a hop took, by the day the orders were placed: the middle one and the slow tenth."""
    t = context.terms
    order = [t("process.median"), t("process.p90")]
    points = [
        {"day": day["placed_date"], "hours": float(day[name]) / 60, "series": series}
        for day in days
        for name, series in zip(("median_minutes", "p90_minutes"), order, strict=True)
    ]
    frame = pd.DataFrame(points, columns=["day", "hours", "series"])
    frame["day"] = pd.to_datetime(frame["day"])
    chart = (
        alt.Chart(frame)
        .mark_line(point=len(days) < 40)
        .encode(
            x=alt.X("day:T", title=None, axis=alt.Axis(format="%m-%d", labelOverlap=True)),
            y=alt.Y("hours:Q", title=t("process.hours"), axis=alt.Axis(tickCount=5)),
            color=alt.Color(
                "series:N",
                title=None,
                sort=order,
                legend=alt.Legend(orient="top", symbolType="stroke"),
            ),
            tooltip=[
                alt.Tooltip("day:T", title=t("chart.day"), format="%Y-%m-%d"),
                alt.Tooltip("series:N", title=t("chart.series")),
                alt.Tooltip("hours:Q", title=t("process.hours"), format=",.1f"),
            ],
        )
    )
    st.altair_chart(chart.properties(height=260), alt=t("process.hops"))


def waterfall(context: Context, parts: Sequence[Mapping[str, Any]]) -> None:
    """The parts of an order's money, each bar beginning where the one before ended."""
    level, bars = 0.0, []
    for number, part in enumerate(parts):
        if part["ledger_code"] == "bearer":  # shares of what is in the refunds already
            continue
        amount = float(part["amount"])
        name = context.labels("component", part["component_code"])
        bars.append(
            {
                "number": number,
                "name": name,
                "from": level,
                "to": level + amount,
                "amount": amount,
                "where": context.labels("money_ledger", part["ledger_code"]),
            }
        )
        level += amount
    if not bars:
        return
    t = context.terms
    frame = pd.DataFrame(bars)
    chart = (
        alt.Chart(frame)
        .mark_bar(size=34)
        .encode(
            x=alt.X("name:N", title=None, sort=None, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("from:Q", title=None, axis=alt.Axis(tickCount=5)),
            y2="to:Q",
            color=alt.Color("where:N", title=None, sort=None, legend=alt.Legend(orient="top")),
            tooltip=[
                alt.Tooltip("name:N", title=t.code("column", "component_code")),
                alt.Tooltip("amount:Q", title=t.code("column", "amount"), format=",.2f"),
            ],
        )
    )
    st.altair_chart(chart.properties(height=260), alt=t("order.waterfall"))


def matrix(
    context: Context,
    cells: Sequence[Mapping[str, Any]],
    names: tuple[str, str],
    turns: tuple[Sequence[str], Sequence[str]],
) -> None:
    """Orders by what two sources say; pairs that cannot both be true stand out.

    `names` and `turns` are of the left and the right source; its states stand in their turn.
    """
    t = context.terms
    left_name, right_name = names
    left_order, right_order = ([t.code("source_state", code) for code in turn] for turn in turns)
    frame = pd.DataFrame(
        {
            "left": [t.code("source_state", cell["left_state"]) for cell in cells],
            "right": [t.code("source_state", cell["right_state"]) for cell in cells],
            "n": [int(cell["order_count"]) for cell in cells],
            "wrong": [cell["conflict_code"] is not None for cell in cells],
        }
    )
    base = alt.Chart(frame).encode(
        x=alt.X(
            "right:N",
            title=right_name,
            sort=right_order,
            axis=alt.Axis(labelAngle=0, orient="top"),
        ),
        # Beside the top left corner and upright: turned, Chinese would stand on its head.
        y=alt.Y(
            "left:N",
            title=left_name,
            sort=left_order,
            axis=alt.Axis(titleAngle=0, titleAlign="right", titleX=-8, titleY=-16),
        ),
        tooltip=[
            alt.Tooltip("left:N", title=left_name),
            alt.Tooltip("right:N", title=right_name),
            alt.Tooltip("n:Q", title=t.code("column", "order_count"), format=",.0f"),
        ],
    )
    shade = alt.Scale(domain=[False, True], range=["#0f766e", "#dc2626"])
    boxes = base.mark_rect(opacity=0.25, cornerRadius=4).encode(
        color=alt.Color("wrong:N", scale=shade, legend=None)
    )
    numbers = base.mark_text(fontSize=13).encode(text=alt.Text("n:Q", format=",.0f"))
    height = 46 * max(frame["left"].nunique(), 2) + 40
    st.altair_chart((boxes + numbers).properties(height=height), alt=t("nav.states"))


def ranking(
    names: Sequence[str], values: Sequence[float], said: Sequence[str], *, name: str, title: str
) -> None:
    """Parts as bars in the order given, each with its value in words."""
    parts = pd.DataFrame({"part": names, "value": values, "said": said})
    room = alt.Scale(domain=[min(min(values), 0), max(max(values), 0) * 1.18 or 1])
    base = alt.Chart(parts).encode(
        x=alt.X("value:Q", title=None, axis=None, scale=room),
        y=alt.Y("part:N", title=None, sort=None, axis=alt.Axis(labelLimit=240)),
        tooltip=[alt.Tooltip("part:N", title=title), alt.Tooltip("said:N", title=name)],
    )
    bars = base.mark_bar(cornerRadiusEnd=3, opacity=0.85)
    words = base.mark_text(align="left", dx=4, fontSize=11).encode(text="said:N")
    height = 24 * len(parts) + 16
    st.altair_chart((bars + words).properties(height=height), alt=title)
