"""Charts of the analyses: a week by hour, cohorts, reasons by week. Colours come from the theme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from dashboards.context import Context

SCHEME = "teals"


def week(context: Context, cells: Sequence[Mapping[str, Any]]) -> None:
    """Orders by weekday and hour of the shop's clock, per day of that name."""
    t = context.terms
    names = [t.code("weekday", number) for number in range(1, 8)]
    frame = pd.DataFrame(
        {
            "day": [names[cell["weekday_number"] - 1] for cell in cells],
            "hour": [cell["hour_number"] for cell in cells],
            "per": [float(cell["per_day"]) for cell in cells],
            "n": [cell["order_count"] for cell in cells],
        }
    )
    chart = (
        alt.Chart(frame)
        .mark_rect(cornerRadius=2)
        .encode(
            x=alt.X("hour:O", title=t("analysis.hour"), axis=alt.Axis(labelAngle=0)),
            y=alt.Y("day:N", title=None, sort=names),
            color=alt.Color(
                "per:Q",
                title=t.code("column", "per_day"),
                scale=alt.Scale(scheme=SCHEME, domainMin=0),
            ),
            tooltip=[
                alt.Tooltip("day:N", title=t.code("column", "weekday_number")),
                alt.Tooltip("hour:O", title=t("analysis.hour")),
                alt.Tooltip("per:Q", title=t.code("column", "per_day"), format=",.2f"),
                alt.Tooltip("n:Q", title=t.code("column", "order_count"), format=",.0f"),
            ],
        )
    )
    st.altair_chart(chart.properties(height=270), alt=t("analysis.hours"))


def cohorts(
    context: Context,
    cells: Sequence[Mapping[str, Any]],
    said: Sequence[str],
    *,
    name: str,
    alt_: str,
) -> None:
    """Cohorts by month since the first order; a month that is not over is pale and open."""
    t = context.terms
    frame = pd.DataFrame(
        {
            "cohort": [_month(cell["cohort_date"]) for cell in cells],
            "month": [cell["month_number"] for cell in cells],
            "value": [float(cell[name] or 0) for cell in cells],
            "said": [
                text if cell["is_mature"] else f"{text}…"
                for text, cell in zip(said, cells, strict=True)
            ],
            "mature": [bool(cell["is_mature"]) for cell in cells],
            "state": [
                t("analysis.mature" if cell["is_mature"] else "analysis.immature") for cell in cells
            ],
            "n": [cell["buyer_count"] for cell in cells],
            "back": [cell["active_count"] for cell in cells],
        }
    )
    later = frame[frame["month"] > 0]["value"]
    top = float(later.max()) if len(later) and name == "retention_ratio" else frame["value"].max()
    shade = alt.Scale(scheme=SCHEME, domain=[0, top or 1], clamp=True)
    base = alt.Chart(frame).encode(
        x=alt.X("month:O", title=t("analysis.months_since"), axis=alt.Axis(labelAngle=0)),
        y=alt.Y("cohort:O", title=t("analysis.cohort")),
        tooltip=[
            alt.Tooltip("cohort:O", title=t("analysis.cohort")),
            alt.Tooltip("month:O", title=t("analysis.months_since")),
            alt.Tooltip("said:N", title=t.code("column", name)),
            alt.Tooltip("n:Q", title=t.code("column", "buyer_count"), format=",.0f"),
            alt.Tooltip("back:Q", title=t.code("column", "active_count"), format=",.0f"),
            alt.Tooltip("state:N", title=t.code("column", "is_mature")),
        ],
    )
    boxes = base.mark_rect(cornerRadius=3).encode(
        color=alt.Color("value:Q", scale=shade, legend=None),
        opacity=alt.condition("datum.mature", alt.value(0.85), alt.value(0.3)),
    )
    words = base.mark_text(fontSize=11).encode(text="said:N")
    height = 34 * frame["cohort"].nunique() + 90
    st.altair_chart((boxes + words).properties(height=height), alt=alt_)


def _month(first: date) -> str:
    return f"{first:%Y-%m}"


def weekly(context: Context, rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> None:
    """Cases a week of the leading reasons; `names` are the reasons as people read them."""
    t = context.terms
    frame = pd.DataFrame(
        {
            "week": pd.to_datetime([row["week_date"] for row in rows]),
            "n": [row["case_count"] for row in rows],
            "reason": names,
        }
    )
    chart = (
        alt.Chart(frame)
        .mark_line(point=True)
        .encode(
            x=alt.X("week:T", title=None, axis=alt.Axis(format="%m-%d", labelOverlap=True)),
            y=alt.Y("n:Q", title=None, axis=alt.Axis(tickCount=5, tickMinStep=1)),
            color=alt.Color("reason:N", title=None, legend=alt.Legend(orient="top")),
            tooltip=[
                alt.Tooltip("week:T", title=t("analysis.week"), format="%Y-%m-%d"),
                alt.Tooltip("reason:N", title=t.code("column", "reason")),
                alt.Tooltip("n:Q", title=t.code("column", "case_count"), format=",.0f"),
            ],
        )
    )
    st.altair_chart(chart.properties(height=240), alt=t("analysis.weekly"))


def pareto(context: Context, rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> None:
    """Hours beyond the deadline by part, the largest first, with the running share above them."""
    t = context.terms
    frame = pd.DataFrame(
        {
            "part": names,
            "hours": [float(row["over_minutes"]) / 60 for row in rows],
            "excess": [float(row["excess_hours"]) for row in rows],
            "share": [float(row["cumulative_ratio"] or 0) for row in rows],
            "more": [row["excess_hours"] > 0 for row in rows],
        }
    )
    x = alt.X("part:N", title=None, sort=None, axis=alt.Axis(labelAngle=-25, labelLimit=140))
    tips = [
        alt.Tooltip("part:N", title=t.code("column", "part")),
        alt.Tooltip("hours:Q", title=t("analysis.over_hours"), format=",.1f"),
        alt.Tooltip("excess:Q", title=t("analysis.excess_hours"), format="+,.1f"),
        alt.Tooltip("share:Q", title=t.code("column", "cumulative_ratio"), format=".1%"),
    ]
    shade = alt.Scale(domain=[False, True], range=["#0f766e", "#dc2626"])
    bars = (
        alt.Chart(frame)
        .mark_bar(opacity=0.8)
        .encode(
            x=x,
            y=alt.Y("hours:Q", title=t("analysis.over_hours")),
            color=alt.Color("more:N", scale=shade, legend=None),
            tooltip=tips,
        )
    )
    line = (
        alt.Chart(frame)
        .mark_line(point=True, strokeDash=[4, 3], color="#64748b")
        .encode(
            x=x,
            y=alt.Y(
                "share:Q",
                title=t.code("column", "cumulative_ratio"),
                scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(format=".0%"),
            ),
            tooltip=tips,
        )
    )
    both = alt.layer(bars, line).resolve_scale(y="independent")
    st.altair_chart(both.properties(height=320), alt=t("analysis.causes"))


def campaign(context: Context, rows: Sequence[Mapping[str, Any]]) -> None:
    """Pieces a day of promoted and other articles, the matched days before as dashes."""
    t = context.terms
    order = [t("chart.now"), t("chart.before")]
    points = [
        {
            "day": row["day_number"],
            "n": float(row[f"{era}_quantity"]),
            "series": series,
            "group": t.code("campaign_group", row["campaign_group"]),
        }
        for row in rows
        for era, series in (("during", order[0]), ("before", order[1]))
    ]
    frame = pd.DataFrame(points, columns=["day", "n", "series", "group"])
    chart = (
        alt.Chart(frame)
        .mark_line(point=True)
        .encode(
            x=alt.X("day:O", title=t("analysis.campaign_day"), axis=alt.Axis(labelAngle=0)),
            y=alt.Y("n:Q", title=t.code("column", "quantity")),
            color=alt.Color("group:N", title=None, legend=alt.Legend(orient="top")),
            strokeDash=alt.StrokeDash(
                "series:N",
                title=None,
                scale=alt.Scale(domain=order, range=[[1, 0], [5, 4]]),
                legend=alt.Legend(orient="top"),
            ),
            tooltip=[
                alt.Tooltip("day:O", title=t("analysis.campaign_day")),
                alt.Tooltip("group:N", title=t.code("column", "campaign_group")),
                alt.Tooltip("series:N", title=t("chart.series")),
                alt.Tooltip("n:Q", title=t.code("column", "quantity"), format=",.0f"),
            ],
        )
    )
    st.altair_chart(chart.properties(height=260), alt=t("analysis.campaigns"))
