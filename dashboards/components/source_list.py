"""The sources there are: this house's own and the shipped ones, and what each is."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboards.components import url
from dashboards.components.format import plain
from dashboards.components.frame import empty
from dashboards.components.grids import grid
from dashboards.context import Context
from dashboards.queries import sources as queries
from dashboards.warehouse import NoSnapshot
from orderhouse.sources import Layout, Source, source_names, source_of


def page(context: Context) -> None:
    t, names = context.terms, source_names(context.settings)
    came = _came(context)
    _table(context, names, came)
    name = url.read_choice("source", names, "")
    st.selectbox(
        t("sources.name"),
        list(names),
        index=None,
        key="source_pick",
        placeholder=t("sources.pick"),
        on_change=url.bound("source_pick", "source", name or None),
        width=420,
    )
    found = source_of(context.settings, name) if name else None
    if found is not None:
        _one(context, found)


def _came(context: Context) -> dict[str, dict[str, Any]]:
    try:
        return queries.by_source(context.reader)
    except NoSnapshot:
        return {}


def _table(context: Context, names: dict[str, bool], came: dict[str, dict[str, Any]]) -> None:
    t, fmt = context.terms, context.fmt
    rows = [came.get(name, {}) for name in names]
    frame = pd.DataFrame(
        {
            t("sources.name"): list(names),
            t("sources.kind"): [_kind(context, is_own) for is_own in names.values()],
            t("sources.files"): [fmt.count(row.get("file_count", 0)) for row in rows],
            t("sources.last"): [
                fmt.time(row["last_at"]) if row.get("last_at") else "–" for row in rows
            ],
            t("sources.quarantined"): [fmt.count(row.get("quarantined", 0)) for row in rows],
        }
    )
    right = st.column_config.TextColumn(alignment="right")
    numbers = {t("sources.files"): right, t("sources.quarantined"): right}
    st.dataframe(
        frame, key="sources", hide_index=True, alt=t("nav.sources"), height=320,
        column_config=numbers,
    )  # fmt: skip


def _kind(context: Context, is_own: bool) -> str:
    return context.terms("sources.own" if is_own else "sources.shipped")


def _one(context: Context, source: Source) -> None:
    t = context.terms
    st.subheader(plain(source.name), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(_kind(context, source.is_own), color="green" if source.is_own else "gray")
        if source.channel:
            st.caption(f"{t('newsource.channel')} · {plain(source.channel)}")
        if source.replaces:
            st.caption(t("sources.replaces"))
    if source.problem:
        st.error(plain(t("sources.broken", why=source.problem)), icon=":material/error:")
    st.markdown(f"**{t('sources.layouts')}**")
    _layouts(context, source.layouts)
    st.markdown(f"**{t('sources.last_files')}**")
    _files(context, source)
    if source.readme:
        with st.expander(t("sources.readme"), icon=":material/description:"):
            # Anybody may have written an own one, and a sample's name stands in it: shown as text.
            st.code(source.readme, language="markdown", wrap_lines=True)


def _layouts(context: Context, layouts: tuple[Layout, ...]) -> None:
    t, join = context.terms, context.terms("list.join")
    frame = pd.DataFrame(
        {
            t("sources.layout"): [one.name for one in layouts],
            t("sources.becomes"): [
                join.join(context.labels("stream", name) for name in one.streams)
                or t("sources.unused")
                for one in layouts
            ],
            t("sources.headers"): [", ".join(one.headers) for one in layouts],
        }
    )
    st.dataframe(frame, key="layouts", hide_index=True, alt=t("sources.layouts"))


def _files(context: Context, source: Source) -> None:
    t = context.terms
    try:
        files = queries.files_of(context.reader, source.name)
    except NoSnapshot:
        files = []
    if files:
        grid(context, files, queries.FILES, key="source_files", alt=t("sources.last_files"))
    else:
        hint = t("sources.no_files_hint", name=source.name)
        empty(t("sources.no_files"), hint, ":material/inbox:")
