"""How an order got where it is: events, the states they led to, and what was known at a moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import streamlit as st

from dashboards.components.format import plain
from dashboards.components.frame import empty
from dashboards.components.grids import grid
from dashboards.context import Context
from dashboards.queries import orders

Row = Mapping[str, Any]
# Most sources deliver once a day; only what came later than that is news.
LATE = timedelta(hours=24)


def timeline_of(context: Context, order: Row) -> None:
    """Events in the order they happened; late news and deviations say so."""
    t, fmt = context.terms, context.fmt
    deviations = {
        row["event_id"]: row["deviation_code"]
        for row in orders.states(context.reader, order["order_id"])
        if row["is_deviation"]
    }
    events = orders.events(context.reader, order["order_id"])
    if not events:
        empty(t("order.nothing"))
        return
    for event in events:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(plain(fmt.time(event["occurred_at"])), width=135)
            st.text(context.labels("event", event["event_type"]))
            if event.get("amount") is not None:
                money = fmt.money(event["amount"], event["currency_code"])
                st.caption(plain(money), width="content")
            if event.get("detail_code"):
                detail = context.labels.detail(event["event_type"], event["detail_code"])
                st.caption(plain(detail), width="content")
            late = event["ingested_at"] - event["occurred_at"] if event["ingested_at"] else None
            if late is not None and late > LATE:
                text = t("order.known_late", span=fmt.duration(late))
                st.badge(plain(text), color="yellow", icon=":material/schedule:")
            if event["event_id"] in deviations:
                code = context.labels("deviation", deviations[event["event_id"]])
                st.badge(plain(code), color="red", icon=":material/alt_route:")


def states_of(context: Context, order: Row) -> None:
    """The seven axes now, at any moment, and the whole history of states."""
    t = context.terms
    st.markdown(f"**{t('order.now')}**")
    _axes(context, order)
    _as_of(context, order)
    st.markdown(f"**{t('order.state_history')}**")
    rows = orders.states(context.reader, order["order_id"])
    columns = ("state_number", "occurred_at", "event_type", "headline_status", *orders.AXES)
    grid(
        context,
        rows,
        (*columns, "deviation_code"),
        key="order_states",
        alt=t("order.state_history"),
    )


def _axes(context: Context, row: Row, *, before: Row | None = None) -> None:
    with st.grid(4, min_column_width=150, gap="small"):
        for axis in orders.AXES:
            value = row.get(axis)
            with st.container(border=True, gap=None):
                st.caption(context.terms.code("column", axis))
                shown = context.labels(axis.removesuffix("_status"), value)
                differs = before is not None and before.get(axis) != value
                color = "orange" if differs else "primary" if _is_moving(value) else "gray"
                st.badge(plain(shown), color=color)


def _is_moving(value: Any) -> bool:
    return value not in (None, "NONE", "NOT_STARTED", "UNSETTLED")


def _as_of(context: Context, order: Row) -> None:
    """True then, known then: the same day asked twice."""
    t, fmt = context.terms, context.fmt
    st.markdown(f"**{t('order.as_of')}**", help=t("order.as_of_help"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        latest = fmt.local(context.now)
        day = st.date_input(
            t("order.as_of_day"),
            value=latest.date(),
            key="as_of_day",
            format="YYYY-MM-DD",
            width=160,
        )
        hour = st.time_input(t("order.as_of_time"), value=time(23, 59), key="as_of_time", width=120)
    if not isinstance(day, date):
        return
    moment = _utc(context, datetime.combine(day, hour))
    far = context.now + timedelta(days=36_500)
    true_then = orders.state_at(context.reader, order["order_id"], moment, far)
    known_then = orders.state_at(context.reader, order["order_id"], moment, moment)
    left, right = st.columns(2)
    with left:
        _then(context, t("order.true_then"), true_then, None)
    with right:
        _then(context, t("order.known_then"), known_then, true_then)
    if true_then != known_then:
        st.info(t("order.then_differs"), icon=":material/compare_arrows:")


def _then(context: Context, title: str, row: Row | None, before: Row | None) -> None:
    with st.container(border=True):
        st.markdown(f"**{title}**")
        if row is None:
            st.caption(context.terms("order.unknown_then"))
            return
        st.badge(plain(context.labels("headline", row["headline_status"])), color="primary")
        said = context.labels("event", row["event_type"])
        st.caption(plain(f"{said} · {context.fmt.time(row['occurred_at'])}"))
        for axis in orders.AXES:
            name = context.terms.code("column", axis)
            value = context.labels(axis.removesuffix("_status"), row[axis])
            mark = " ⚠" if before is not None and before.get(axis) != row[axis] else ""
            st.caption(plain(f"{name}  {value}{mark}"))


def _utc(context: Context, local: datetime) -> datetime:
    """A time of the reporting zone as naive UTC."""
    return local.replace(tzinfo=context.zone).astimezone(UTC).replace(tzinfo=None)
