"""Filters live in the address bar as codes, never as translated labels.

So a link opened in the other language shows the same rows. The address is the one source of truth:
each run seeds the widgets from it, and a changed widget writes it back before the run begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import streamlit as st

SEPARATOR = ","


def read(name: str, default: str = "") -> str:
    value = st.query_params.get(name)
    return default if value is None else str(value)


def read_choice(name: str, allowed: Iterable[str], default: str) -> str:
    value = read(name, default)
    return value if value in set(allowed) else default


def read_many(name: str, allowed: Iterable[str]) -> tuple[str, ...]:
    """Codes of a list; what is not offered is dropped, so an old link still opens."""
    known = set(allowed)
    return tuple(code for code in read(name).split(SEPARATOR) if code in known)


def read_number(name: str, default: int, least: int = 1) -> int:
    value = read(name)
    return max(int(value), least) if value.isdigit() else default


def write(**values: str | int | Sequence[str] | None) -> None:
    """Put codes into the address; an empty one is taken out."""
    for name, value in values.items():
        text = SEPARATOR.join(value) if isinstance(value, list | tuple) else value
        if text in (None, ""):
            st.query_params.pop(name, None)
        else:
            st.query_params[name] = str(text)


def bound(key: str, name: str, value: object, *resets: str) -> Callable[[], None]:
    """Seed a widget from the address and return the callback that writes it back.

    Args:
        resets: parameters a change makes meaningless, such as the page number.
    """
    st.session_state[key] = value

    def changed() -> None:
        chosen = st.session_state.get(key)
        if isinstance(chosen, list | tuple):
            write(**{name: [str(code) for code in chosen]})
        else:
            write(**{name: None if chosen is None else str(chosen)})
        write(**dict.fromkeys(resets))

    return changed
