"""Drop-downs of a mapping that is being made: whose column fills which field of ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from zoneinfo import available_timezones

import streamlit as st

from dashboards.components.format import plain
from dashboards.components.source_trial import field_label
from dashboards.context import Context
from dashboards.queries import policies
from dashboards.warehouse import NoSnapshot
from orderhouse.source_choices import COLUMN, NOTHING, VALUE, Choices

AS_PROPOSED = ""
CURRENCIES = ("CNY", "USD", "EUR", "GBP", "JPY", "HKD", "BRL", "AUD", "CAD", "SGD")
COLORS = {"high": "green", "medium": "orange", "low": "red"}
WIDTHS = (2.3, 3.4, 0.8, 2.6)


def streams(base: Choices, found: Mapping[str, Any]) -> tuple[str, ...]:
    """What the rows are: as chosen, else as guessed."""
    return tuple(base.streams or found.get("streams", ()))


def basics(context: Context, base: Choices, found: Mapping[str, Any], scope: str) -> Choices:
    """Name, channel, zone, currency, streams, as the widgets have them."""
    t, settings = context.terms, context.settings
    st.subheader(t("newsource.basics"), anchor=False)
    with st.container(border=True):
        with st.grid(4, min_column_width=190):
            name = st.text_input(
                t("newsource.name"), value=base.name, key=f"name_{scope}",
                help=t("newsource.name_help"),
            )  # fmt: skip
            channel = _one_of(
                context, "channel", (base.channel, *_channels(context)), base.channel, scope
            )
            zone = _one_of(
                context, "zone", sorted(available_timezones()),
                base.zone or settings.reporting_zone, scope,
            )  # fmt: skip
            known = (base.currency, settings.reporting_currency, *CURRENCIES)
            currency = _one_of(context, "currency", known, base.currency, scope)
        offered = found.get("offered") or _all_streams(context)
        chosen = st.multiselect(
            t("newsource.streams"),
            list(offered),
            default=[one for one in streams(base, found) if one in offered],
            format_func=lambda code: context.labels("stream", code),
            key=f"streams_{scope}",
            help=t("newsource.streams_help"),
            placeholder=t("newsource.guess"),
        )
    return Choices(
        name=name.strip(), channel=channel, zone=zone, currency=currency, streams=tuple(chosen),
        shop=base.shop, takes_sample=base.takes_sample, replaces=base.replaces,
    )  # fmt: skip


def _one_of(context: Context, name: str, options: Sequence[str], chosen: str, scope: str) -> str:
    """One of the usual ones, or another that is typed."""
    offered = [one for one in dict.fromkeys(options) if one]
    value = st.selectbox(
        context.terms(f"newsource.{name}"),
        offered,
        index=offered.index(chosen) if chosen in offered else None,
        key=f"{name}_{scope}",
        help=context.terms(f"newsource.{name}_help"),
        accept_new_options=True,
        placeholder="–",
    )
    return (value or "").strip()


def _channels(context: Context) -> list[str]:
    try:
        return policies.channels(context.snapshot)
    except NoSnapshot:
        return []


def _all_streams(context: Context) -> list[str]:
    """Where nothing was recognised yet; every stream has a label."""
    return context.terms.codes("stream")


def fields(
    context: Context,
    base: Choices,
    found: Mapping[str, Any],
    chosen_streams: Sequence[str],
    scope: str,
) -> dict[str, str]:
    """The choices as they stand after this run; drawn for one stream at a time."""
    state: dict[str, str] = st.session_state.setdefault(f"fields_{scope}", dict(base.fields))
    every = [one for one in found.get("fields", ()) if one["stream"] in chosen_streams]
    kept = {place: v for place, v in state.items() if place.partition(".")[0] in chosen_streams}
    if not every:
        return kept
    t = context.terms
    st.subheader(t("newsource.mapping"), anchor=False)
    st.caption(plain(t("newsource.mapping_note")))
    offered = list(dict.fromkeys(one["stream"] for one in every))
    stream = st.segmented_control(
        t("newsource.streams"), offered, default=offered[0], key=f"stream_{scope}",
        format_func=lambda code: context.labels("stream", code), required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    headers = [one["name"] for one in found["columns"]]
    mine = [one for one in every if one["stream"] == stream]
    extra: list[str] = st.session_state.setdefault(f"extra_{scope}", [])
    with st.container(border=True):
        _head(context)
        for one in mine:
            place = f"{stream}.{one['column']}"
            if one["expression"] or one["is_required"] or place in state or place in extra:
                _row(context, one, headers, state, scope)
        _add(context, mine, state, extra, scope)
    return {p: v for p, v in state.items() if p.partition(".")[0] in chosen_streams}


def _head(context: Context) -> None:
    names = ("of_ours", "filled_with", "sureness", "reason")
    for column, name in zip(st.columns(WIDTHS), names, strict=True):
        column.caption(context.terms(f"newsource.{name}"))


def _row(
    context: Context,
    one: Mapping[str, Any],
    headers: Sequence[str],
    state: dict[str, str],
    scope: str,
) -> None:
    t, place = context.terms, f"{one['stream']}.{one['column']}"
    name, choice, sure, why = st.columns(WIDTHS, vertical_alignment="center")
    label = field_label(context, one["column"])
    name.text(f"{label} *" if one["is_required"] else label)
    with choice:
        _choice(context, one, headers, state, scope)
    if one["sure"]:
        sure.badge(t.code("sureness", one["sure"]), color=COLORS[one["sure"]])
    is_changed = state.get(place, "") != one["choice"]
    why.caption("–" if is_changed else plain(t.code("mapping_why", one["why"])))


def _choice(
    context: Context,
    one: Mapping[str, Any],
    headers: Sequence[str],
    state: dict[str, str],
    scope: str,
) -> None:
    t, place = context.terms, f"{one['stream']}.{one['column']}"
    label, key = field_label(context, one["column"]), f"pick_{scope}_{place}"
    ranked = [f"{COLUMN}{name}" for name in dict.fromkeys((*one["others"], *headers))]
    options = [AS_PROPOSED, *ranked, VALUE, NOTHING]
    now = state.get(place, AS_PROPOSED)
    st.session_state[key] = VALUE if now.startswith(VALUE) else now
    st.selectbox(
        label, options, key=key, label_visibility="collapsed",
        format_func=lambda option: _said(context, one, option),
        on_change=_keep(state, place, key),
    )  # fmt: skip
    if not now.startswith(VALUE):
        return
    text, value = f"text_{scope}_{place}", now.removeprefix(VALUE)
    said = t("newsource.fixed_value", field=label)
    if one["codes"]:
        st.session_state[text] = value if value in one["codes"] else None
        st.selectbox(
            said, list(one["codes"]), index=None, key=text, label_visibility="collapsed",
            placeholder=said, on_change=_keep(state, place, text, VALUE),
        )  # fmt: skip
    else:
        st.session_state[text] = value
        st.text_input(
            said, key=text, label_visibility="collapsed", placeholder=said, max_chars=200,
            on_change=_keep(state, place, text, VALUE),
        )  # fmt: skip


def _keep(state: dict[str, str], place: str, key: str, before: str = "") -> Callable[[], None]:
    def changed() -> None:
        chosen = f"{before}{st.session_state.get(key) or ''}"
        if chosen == AS_PROPOSED:
            state.pop(place, None)
        else:
            state[place] = chosen

    return changed


def _said(context: Context, one: Mapping[str, Any], option: str) -> str:
    t = context.terms
    if option == VALUE:
        return t("newsource.fixed")
    if option == NOTHING:
        return t("newsource.nothing")
    if option.startswith(COLUMN):
        return option.removeprefix(COLUMN)
    if one["choice"]:
        return t("newsource.as_proposed_again")
    is_ours = one["why"] in ("of_number", "of_total", "made_up")
    why = t.code("mapping_why", one["why"]) if is_ours else one["expression"]
    what = one["header"] or why or t("newsource.nothing")
    return t("newsource.as_proposed", what=what[:60])


def _add(
    context: Context,
    mine: Sequence[Mapping[str, Any]],
    state: Mapping[str, str],
    extra: list[str],
    scope: str,
) -> None:
    """Fields nothing was found for stay out of the way until somebody wants one."""
    places = {f"{one['stream']}.{one['column']}": one["column"] for one in mine}
    hidden = [
        place
        for (place, _), one in zip(places.items(), mine, strict=True)
        if not (one["expression"] or one["is_required"] or place in state or place in extra)
    ]
    key = f"add_{scope}"

    def added() -> None:
        if chosen := st.session_state.get(key):
            extra.append(chosen)
            st.session_state[key] = None

    if hidden:
        st.selectbox(
            context.terms("newsource.add_field"), hidden, index=None, key=key, on_change=added,
            format_func=lambda place: field_label(context, places[place]),
            placeholder=context.terms("newsource.add_field_hint"), width=420,
        )  # fmt: skip
