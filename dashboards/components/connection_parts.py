"""One card a connection: what it is, whether its credentials are there, how far it has got."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from dashboards.components.format import plain
from dashboards.components.frame import facts
from dashboards.context import Context
from dashboards.queries import sources
from dashboards.warehouse import NoSnapshot
from orderhouse.connections import HookConnection, PullConnection, references_of
from orderhouse.ledger import system_counts
from orderhouse.reach import UNKNOWN, HookNews, Progress, hook_news, is_there, load_progress

OPEN = ("pending", "sent", "failed")


def of_shops(found: Sequence[Any], shops: Sequence[str] | None) -> list[Any]:
    """The connections of somebody's shops; one that is for every shop is not theirs alone."""
    if shops is None:
        return list(found)
    return [one for one in found if (named := _shops(one)) and set(named) <= set(shops)]


def _shops(one: Any) -> tuple[str, ...]:
    return tuple(getattr(one, "shops", ())) or tuple(filter(None, [getattr(one, "shop", "")]))


def page(context: Context, found: Sequence[Any], *, is_whole: bool) -> None:
    t, told = context.terms, system_counts(context.ledger)
    missing = {one.name: [r for r in references_of(one) if not is_there(r)] for one in found}
    progress = {
        one.name: load_progress(context.settings, one.name)
        for one in found
        if isinstance(one, PullConnection)
    }
    names = {one.name for one in found}
    given_up = sum(counts.get("given_up", 0) for name, counts in told.items() if name in names)
    failed = {name for name, state in progress.items() if state.error}
    bare = {name for name, references in missing.items() if references}
    with st.grid(4, min_column_width=160):
        for label, number in (
            ("all", len(found)), ("troubled", len(failed)), ("no_secret", len(bare)),
            ("undelivered", given_up),
        ):  # fmt: skip
            st.metric(t(f"connections.{label}"), context.fmt.count(number), border=True)
    st.caption(t("connections.secret_note"))
    for title, are_tellers in (("tells", True), ("told", False)):
        some = [one for one in found if hasattr(one, "source") == are_tellers]
        if some:
            st.subheader(t(f"connections.{title}"), anchor=False)
        for one in some:
            _card(context, one, missing[one.name], progress.get(one.name), told.get(one.name, {}))
    if is_whole:
        _rest(context, told, names)


def _card(
    context: Context,
    one: Any,
    missing: Sequence[str],
    progress: Progress | None,
    told: Mapping[str, int],
) -> None:
    t = context.terms
    with st.container(border=True, key=f"connection_{one.name}"):
        _title(context, one, missing)
        if progress is not None:
            _pulled(context, one, progress)
        elif isinstance(one, HookConnection):
            _pushed(context, hook_news(context.settings, one.name, context.now))
        elif hasattr(one, "source"):
            came = _last_files(context).get((one.source, one.shop))
            facts([(t("connections.last_file"), _time(context, came))])
        else:
            _told(context, told)


def _last_files(context: Context) -> dict[tuple[str, str], Any]:
    try:
        return sources.last_by_shop(context.reader)
    except NoSnapshot:
        return {}


def _title(context: Context, one: Any, missing: Sequence[str]) -> None:
    t = context.terms
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{plain(one.name)}**", width="content")
        st.badge(t.code("connection_kind", one.kind), color="gray")
        if missing:
            names = ", ".join(reference.removeprefix("env:") for reference in missing)
            text = t("connections.secret_missing", names=names)
            st.badge(plain(text), color="red", icon=":material/key_off:")
        elif references_of(one):
            st.badge(t("connections.secret_there"), color="green", icon=":material/key:")
        else:
            st.badge(t("connections.secret_none"), color="gray", icon=":material/key:")
        shops = ", ".join(_shops(one)) or t("connections.every_shop")
        st.caption(plain(f"{getattr(one, 'source', '')} {shops}".strip()), width="content")


def _time(context: Context, moment: datetime | str | None) -> str:
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment) if moment else None
    return context.fmt.time(moment) if moment else context.terms("connections.never")


def _pulled(context: Context, one: PullConnection, state: Progress) -> None:
    t = context.terms
    facts(
        [
            (t("connections.succeeded"), _time(context, state.succeeded_at)),
            (t("connections.tried"), _time(context, state.tried_at)),
        ]
    )
    if state.error:
        text = t("connections.failed", why=state.error)
        st.error(plain(text), icon=":material/sync_problem:")
    feeds = dict.fromkeys((*one.feeds, *state.read_until))
    if not feeds:
        return
    marks = [state.mark(feed) for feed in feeds]
    frame = pd.DataFrame(
        {
            t("connections.feed"): [t.code("feed", feed) for feed in feeds],
            t("connections.read_until"): [_time(context, mark) for mark in marks],
            t("connections.behind"): [
                context.fmt.duration(context.now - mark) if mark else "–" for mark in marks
            ],
        }
    )
    st.dataframe(frame, key=f"feeds_{one.name}", hide_index=True, alt=one.name)


def _pushed(context: Context, news: HookNews) -> None:
    t, fmt = context.terms, context.fmt
    facts(
        [
            (t("connections.taken"), fmt.count(news.taken)),
            (t("connections.last_taken"), _time(context, news.last_taken_at)),
            (t("connections.refused"), fmt.count(news.refused)),
            (t("connections.last_refused"), _time(context, news.last_refused_at)),
        ]
    )
    if news.refused:
        said = (
            t("connections.reason_count", reason=t.code("hook_refusal", code), n=fmt.count(n))
            for code, n in sorted(news.counts.items(), key=lambda item: -item[1])
            if code not in ("landed", "ping")
        )
        text = t("connections.why_refused", why=t("list.join").join(said))
        st.caption(plain(text))


def _told(context: Context, told: Mapping[str, int]) -> None:
    t, fmt = context.terms, context.fmt
    given_up = told.get("given_up", 0)
    facts(
        [
            (t("connections.delivered"), fmt.count(told.get("answered", 0))),
            (t("connections.open"), fmt.count(sum(told.get(state, 0) for state in OPEN))),
            (t("connections.given_up"), fmt.count(given_up)),
        ]
    )
    if given_up:
        st.page_link("views/health.py", label=t("nav.health"), icon=":material/health_and_safety:")


def _rest(context: Context, told: Mapping[str, Mapping[str, int]], names: set[str]) -> None:
    """What belongs to no connection of the file: knocks at no address, messages to one gone."""
    t, fmt = context.terms, context.fmt
    knocks = hook_news(context.settings, UNKNOWN, context.now).refused
    if knocks:
        st.caption(plain(t("connections.knocks", n=fmt.count(knocks))))
    for name, counts in told.items():
        waiting = sum(counts.get(state, 0) for state in (*OPEN, "given_up"))
        if name not in names and waiting:
            text = t("connections.gone", name=name, n=fmt.count(waiting))
            st.warning(plain(text), icon=":material/link_off:")
