"""The filter row of a queue: every filter a code in the address, every set one a chip."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboards.components import url
from dashboards.components.format import plain
from dashboards.context import Context
from dashboards.queries.queue import SORTS, TABS, QueueFilter

AGES = ("1", "3", "7", "30")
LEAST = ("100", "500", "1000", "5000")
NAMES = ("channel", "shop", "sev", "age", "min", "s")


def read_filter(queues: Sequence[str], choices: dict[str, list[str]]) -> QueueFilter:
    """The filter the address stands for."""
    age, least = url.read("age"), url.read("min")
    return QueueFilter(
        queues=tuple(queues),
        tab=url.read_choice("tab", TABS, "all"),
        channels=url.read_many("channel", choices["channel"]),
        shops=url.read_many("shop", choices["shop"]),
        severities=tuple(int(code) for code in url.read_many("sev", "1234")),
        older_days=int(age) if age in AGES else None,
        least_amount=int(least) if least in LEAST else None,
        text=url.read("s")[:60],
        sort=url.read_choice("sort", SORTS, "priority"),
    )


def filter_row(context: Context, wanted: QueueFilter, choices: dict[str, list[str]]) -> None:
    """The widgets; each writes its code back and goes to the first page."""
    t = context.terms
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        _many(context, "channel", choices["channel"], wanted.channels, "channel")
        _many(context, "shop", choices["shop"], wanted.shops)
        severities = [str(number) for number in wanted.severities]
        _many(context, "sev", ["1", "2", "3", "4"], severities, "severity")
        _choice(context, "age", AGES, wanted.older_days)
        if context.sees("money"):
            _choice(context, "min", LEAST, wanted.least_amount)
        st.text_input(
            t("filter.search"),
            key="f_s",
            placeholder=t("filter.search_hint"),
            on_change=url.bound("f_s", "s", wanted.text, "page"),
            width=200,
            icon=":material/search:",
        )
        st.selectbox(
            t("filter.sort"),
            [code for code in SORTS if code != "amount" or context.sees("money")],
            key="f_sort",
            format_func=lambda code: t.code("sort", code),
            on_change=url.bound("f_sort", "sort", wanted.sort, "page"),
            width=170,
        )
        if any(url.read(name) for name in NAMES):
            st.button(
                t("filter.clear"),
                key="f_clear",
                icon=":material/filter_alt_off:",
                type="tertiary",
                on_click=lambda: url.write(**dict.fromkeys((*NAMES, "page"))),
            )


def _many(
    context: Context,
    name: str,
    options: Sequence[str],
    chosen: Sequence[str],
    domain: str | None = None,
) -> None:
    """Any of several codes."""
    t = context.terms
    st.multiselect(
        t("filter.severity") if name == "sev" else t(f"filter.{name}"),
        options,
        key=f"f_{name}",
        format_func=lambda code: context.labels(domain, code) if domain else code,
        placeholder=t("filter.any"),
        on_change=url.bound(f"f_{name}", name, list(chosen), "page"),
        width=165,
    )


def _choice(context: Context, name: str, options: Sequence[str], value: int | None) -> None:
    """At most one code."""
    t = context.terms
    st.selectbox(
        t(f"filter.{name}"),
        options,
        index=None,
        key=f"f_{name}",
        format_func=lambda code: t(f"filter.{name}_option", n=code),
        placeholder=t("filter.any"),
        on_change=url.bound(f"f_{name}", name, None if value is None else str(value), "page"),
        width=130,
    )


def described(wanted: QueueFilter) -> str:
    """The filter as codes, for the head of an export and its audit row."""
    parts = [f"queue={'+'.join(wanted.queues)}", f"tab={wanted.tab}", f"sort={wanted.sort}"]
    for name, value in (
        ("channel", "+".join(wanted.channels)),
        ("shop", "+".join(wanted.shops)),
        ("severity", "+".join(map(str, wanted.severities))),
        ("older_days", wanted.older_days),
        ("least", wanted.least_amount),
        ("search", wanted.text),
    ):
        if value:
            parts.append(f"{name}={value}")
    return "; ".join(parts)


def pages(context: Context, total: int, size: int, name: str = "page") -> int:
    """Page numbers under a list; returns the offset of the page shown."""
    count = max(1, -(-total // size))
    number = min(url.read_number(name, 1), count)
    if count > 1:
        key = f"pages_{name}_{number}_{count}"

        def turned() -> None:
            url.write(**{name: st.session_state[key]})

        with st.container(horizontal=True, vertical_alignment="center"):
            st.pagination(count, default=number, key=key, on_change=turned)
            st.caption(plain(context.terms("list.total", n=context.fmt.count(total))))
    return (number - 1) * size
