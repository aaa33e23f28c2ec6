"""The filter bar of boards: period, comparison, currency, channels, shops; all in the address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import streamlit as st

from dashboards.components import url
from dashboards.components.format import plain
from dashboards.context import Context
from dashboards.queries import overview
from dashboards.queries.overview import CONVERTED, PRESETS, Period, Slice

COMPARE = ("before", "year", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What the bar stands for."""

    wanted: Slice
    compare: str

    @property
    def other(self) -> Slice | None:
        if self.compare == "none":
            return None
        period = self.wanted.period
        return self.wanted.over(period.year_before() if self.compare == "year" else period.before())


def period_bar(
    context: Context, *, converted: bool = False, leading: str = "", compares: bool = True,
    by_shop: bool = False,
) -> Chosen | None:  # fmt: skip
    """The bar; None while there are no figures at all. `converted` offers all currencies in one;
    `leading` is the currency that stands unless another is chosen, where it is offered."""
    t, choices = context.terms, overview.choices(context.reader)
    if converted and len(choices["currency"]) > 1:
        choices["currency"].append(CONVERTED)
    if not choices["currency"]:
        return None
    code = url.read_choice("period", (*PRESETS, "custom"), "last_30")
    compare = url.read_choice("compare", COMPARE, "before") if compares else "none"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(
            t("period.label"),
            (*PRESETS, "custom"),
            key="p_period",
            format_func=lambda item: t.code("period", item),
            on_change=url.bound("p_period", "period", code, "page"),
            width=150,
        )
        period = _custom(context) if code == "custom" else overview.preset(code, context.today)
        if compares:
            st.segmented_control(
                t("period.compare"),
                COMPARE,
                key="p_compare",
                format_func=lambda item: t.code("compare", item),
                on_change=url.bound("p_compare", "compare", compare),
                required=True,
            )
        currency = _currency(context, choices["currency"], leading)
        channels = _channels(context, choices["channel"])
        shops = _shops(context, choices["shop"]) if by_shop else ()
    wanted = Slice(period=period, currency=currency, channels=channels, shops=shops)
    chosen = Chosen(wanted=wanted, compare=compare)
    st.caption(plain(_said(context, chosen)))
    return chosen


def _currency(context: Context, offered: Sequence[str], leading: str) -> str:
    """One currency; the leading or the busiest unless another is chosen."""
    t, first = context.terms, leading if leading in offered else offered[0]
    currency = url.read_choice("currency", offered, first)
    if len(offered) > 1:
        st.segmented_control(
            t("period.currency"),
            offered,
            key="p_currency",
            format_func=lambda item: _currency_name(context, item),
            on_change=url.bound("p_currency", "currency", currency, "page"),
            required=True,
            help=t("period.currency_help"),
        )
    return currency


def _currency_name(context: Context, code: str) -> str:
    t = context.terms
    if code == CONVERTED:
        return t("metrics.converted", currency=context.settings.reporting_currency)
    return code or t("period.no_currency")


def _channels(context: Context, offered: Sequence[str]) -> tuple[str, ...]:
    channels = url.read_many("channel", offered)
    st.multiselect(
        context.terms("filter.channel"),
        offered,
        key="p_channel",
        format_func=lambda item: context.labels("channel", item),
        placeholder=context.terms("filter.any"),
        on_change=url.bound("p_channel", "channel", list(channels), "page"),
        width=190,
    )
    return channels


def _shops(context: Context, offered: Sequence[str]) -> tuple[str, ...]:
    shops = url.read_many("shop", offered)
    st.multiselect(
        context.terms("filter.shop"),
        offered,
        key="p_shop",
        placeholder=context.terms("filter.any"),
        on_change=url.bound("p_shop", "shop", list(shops), "page"),
        width=190,
    )
    return shops


def _custom(context: Context) -> Period:
    first, last = _read_day("from"), _read_day("to")
    last = last or context.today
    first = min(first or last - timedelta(days=29), last)

    def changed() -> None:
        picked = st.session_state.get("p_days")
        if isinstance(picked, tuple) and len(picked) == 2:
            url.write(**{"from": picked[0].isoformat(), "to": picked[1].isoformat(), "page": None})

    st.session_state["p_days"] = (first, last)
    st.date_input(
        context.terms("period.days"),
        key="p_days",
        format="YYYY-MM-DD",
        on_change=changed,
        width=230,
    )
    return Period(first=first, last=last)


def _read_day(name: str) -> date | None:
    try:
        return date.fromisoformat(url.read(name))
    except ValueError:
        return None


def _said(context: Context, chosen: Chosen) -> str:
    t, fmt, period = context.terms, context.fmt, chosen.wanted.period
    said = t(
        "period.said", first=fmt.day(period.first), last=fmt.day(period.last), days=period.days
    )
    if chosen.other is not None:
        other = chosen.other.period
        said += t("period.said_other", first=fmt.day(other.first), last=fmt.day(other.last))
    manifest = context.snapshot.manifest
    # A day that is not over looks like a collapse beside whole days, unless it is said.
    until = manifest.as_of or manifest.published_at
    if fmt.local(until).date() == period.last:
        said += t("period.said_open", day=fmt.day(period.last), time=f"{fmt.local(until):%H:%M}")
    return said
