"""What was seen in a sample and what would become of it. Everything of theirs is shown as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboards.components.format import plain
from dashboards.context import Context


def field_label(context: Context, column: str) -> str:
    """A column of ours where it stands alone; a masked one is called like what it masks."""
    return context.labels.first(("field", "column"), column.removesuffix("_masked"))


def seen(context: Context, found: Mapping[str, Any]) -> None:
    """The table that was recognised: its columns by their look, and what each becomes."""
    t, fmt, columns = context.terms, context.fmt, found["columns"]
    st.subheader(t("newsource.seen"), anchor=False)
    said = t(
        "newsource.seen_as",
        format=t.code("file_format", found["format"]),
        columns=fmt.count(len(columns)),
        rows=fmt.count(columns[0]["rows"] if columns else 0),
    )
    if found["document"]:
        said = f"{said} · {t('newsource.at', place=found['document'])}"
    st.caption(plain(said))
    becomes: dict[str, list[str]] = {}
    for one in found["fields"]:
        if one["header"]:
            label = (
                f"{context.labels('stream', one['stream'])} · {field_label(context, one['column'])}"
            )
            becomes.setdefault(one["header"], []).append(label)
    join = t("list.join")
    frame = pd.DataFrame(
        {
            t("newsource.their_column"): [one["name"] for one in columns],
            t("newsource.shape"): ["   ".join(one["shapes"]) for one in columns],
            t("newsource.filled"): [
                fmt.ratio(one["filled"] / one["rows"]) if one["rows"] else "–" for one in columns
            ],
            t("newsource.different"): [fmt.count(one["different"]) for one in columns],
            t("newsource.becomes"): [
                join.join(becomes.get(one["name"], [])) or t("newsource.kept_sealed")
                for one in columns
            ],
        }
    )
    st.dataframe(frame, key="sample_columns", hide_index=True, alt=t("newsource.seen"))
    st.caption(plain(t("newsource.shapes_note")))


def trial(context: Context, found: Mapping[str, Any]) -> None:
    """How many rows would be recorded as what, and which would be quarantined, and why."""
    t, fmt, tried = context.terms, context.fmt, found["trial"]
    st.subheader(t("newsource.trial"), anchor=False)
    with st.grid(4, min_column_width=150):
        for name in ("read", "recorded", "skipped", "quarantined"):
            st.metric(t(f"newsource.{name}"), fmt.count(tried[name]), border=True)
    if found["missing"]:
        names = (_field(context, place) for place in found["missing"])
        text = t("newsource.missing", fields=t("list.join").join(names))
        st.warning(plain(text), icon=":material/warning:")
    if not tried["recorded"]:
        st.error(t("newsource.none_good"), icon=":material/block:")
    elif not tried["quarantined"]:
        st.success(t("newsource.all_good"), icon=":material/task_alt:")
    _problems(context, tried)
    _examples(context, tried)
    with st.expander(t("newsource.yaml"), icon=":material/code:"):
        st.code(found["mapping"], language="yaml", wrap_lines=True)


def _field(context: Context, place: str) -> str:
    stream, _, column = place.partition(".")
    return f"{context.labels('stream', stream)} · {field_label(context, column)}"


def _problems(context: Context, tried: Mapping[str, Any]) -> None:
    t, problems = context.terms, tried["quarantine"]
    if not problems:
        return
    st.markdown(f"**{t('newsource.problems')}**")
    frame = pd.DataFrame(
        {
            t.code("column", "reason_code"): [
                t.code("refused", one["reason_code"]) for one in problems
            ],
            t("newsource.of_ours"): [_about(context, one["about"]) for one in problems],
            t("newsource.quarantined"): [context.fmt.count(one["count"]) for one in problems],
        }
    )
    st.dataframe(frame, key="trial_problems", hide_index=True, alt=t("newsource.problems"))
    rows = t("list.join").join(t("newsource.row", n=one["row_number"]) for one in tried["rows"])
    st.caption(plain(t("newsource.problem_rows", rows=rows)))


def _about(context: Context, about: str) -> str:
    """A column of ours by its label; what else a reader says about a row, as it says it."""
    first, _, rest = about.partition(" ")
    label = field_label(context, first) if first else ""
    return f"{label} {rest}".strip() if label != first else about


def _examples(context: Context, tried: Mapping[str, Any]) -> None:
    t = context.terms
    st.caption(t("newsource.examples_note"))
    for stream, count in tried["records"].items():
        said = t(
            "newsource.stream_rows",
            stream=context.labels("stream", stream),
            n=context.fmt.count(count),
        )
        st.markdown(f"**{plain(said)}**")
        records = tried["examples"].get(stream, [])
        names = list(dict.fromkeys(name for record in records for name in record))
        frame = pd.DataFrame(
            {name: [record.get(name, "–") for record in records] for name in names}
        )
        config = {name: st.column_config.TextColumn(field_label(context, name)) for name in names}
        st.dataframe(
            frame, key=f"trial_{stream}", hide_index=True, column_config=config, alt=stream
        )
