"""Asking to see a masked value: a reason first, the value for a minute, then masked again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import streamlit as st

from dashboards.acting import refusal
from dashboards.components.format import plain
from dashboards.context import Context
from dashboards.reveal import SECONDS, Asked
from orderhouse.ledger import LedgerError

OPEN, SHOWN = "reveal_open", "reveal_shown"


def reveal_button(context: Context, key: str) -> None:
    """The button beside a masked value."""

    def ask() -> None:
        st.session_state[OPEN] = key

    label = context.terms("reveal.button")
    icon = ":material/visibility:"
    st.button(label, key=f"reveal_{key}", icon=icon, type="tertiary", on_click=ask)


def reveal_dialog(context: Context, openers: dict[str, Callable[[Asked], str]]) -> None:
    """The dialog of whichever value was asked for; `openers` fetch the plaintext by key."""
    key = st.session_state.get(OPEN)
    if key not in openers:
        return
    title = context.terms("reveal.title")
    st.dialog(title, width="small", on_dismiss=_close)(_body)(context, key, openers[key])


def _close() -> None:
    st.session_state.pop(OPEN, None)


def _body(context: Context, key: str, opener: Callable[[Asked], str]) -> None:
    t = context.terms
    st.caption(t("reveal.note", seconds=SECONDS))
    reason = st.selectbox(
        t("act.reason"),
        context.policy.reasons["reveal"],
        index=None,
        format_func=lambda code: t.code("reason", code),
        placeholder=t("reveal.choose"),
        key="reveal_reason",
    )
    note = st.text_input(t("act.note"), key="reveal_note", max_chars=200)
    if st.button(t("reveal.show"), type="primary", disabled=reason is None, key="reveal_ok"):
        try:
            value = opener(Asked(reason_code=str(reason), comment=note or None))
        except LedgerError as error:
            st.error(plain(refusal(context, error)))
            return
        until = context.settings.clock() + timedelta(seconds=SECONDS)
        st.session_state[SHOWN] = {"key": key, "value": value, "until": until}
        _close()
        st.rerun()


def shown_value(context: Context, key: str) -> str | None:
    """The plaintext while its minute lasts."""
    shown = st.session_state.get(SHOWN)
    if not shown or shown["key"] != key:
        return None
    if shown["until"] <= context.settings.clock():
        st.session_state.pop(SHOWN, None)
        return None
    return shown["value"]


@st.fragment(run_every="5s")
def hide_in_time(context: Context) -> None:
    """Masks the value again by itself, also when nobody clicks anything."""
    shown = st.session_state.get(SHOWN)
    if shown and shown["until"] <= context.settings.clock():
        st.session_state.pop(SHOWN, None)
        st.rerun()
    elif shown:
        left = int((shown["until"] - context.settings.clock()).total_seconds())
        st.caption(plain(context.terms("reveal.left", seconds=max(left, 0))))
