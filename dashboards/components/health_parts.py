"""The parts of the data health page that are more than a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import streamlit as st

from dashboards.components import revealing
from dashboards.components.format import plain
from dashboards.components.frame import empty
from dashboards.components.grids import grid
from dashboards.context import Context
from dashboards.queries import health, policies
from dashboards.warehouse import last_attempt

REFUSED = ("row_number", "reason_code", "column_name", "raw_masked")
REFUSED_SHOWN = 5


def gates(context: Context) -> None:
    """Which checks let this build through, and whether a newer one was stopped."""
    t, fmt, manifest = context.terms, context.fmt, context.snapshot.manifest
    attempt = last_attempt(context.settings)
    st.subheader(t("health.gates"), anchor=False)
    with st.container(border=True):
        said = t("health.served", build=manifest.build_id, time=fmt.time(manifest.published_at))
        st.caption(plain(said))
        for gate in manifest.gates:
            ok = bool(gate.get("ok"))
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                icon = ":material/check_circle:" if ok else ":material/cancel:"
                word = t("health.passed") if ok else t("health.failed")
                st.badge(word, color="green" if ok else "red", icon=icon)
                st.text(gate_name(context, str(gate.get("name", ""))))
                st.caption(plain(_gate_said(context, gate)))
        if attempt is not None and not attempt.ok:
            names = (gate_name(context, name) for name in attempt.failed_gates)
            what = t("list.join").join(names) or attempt.reason
            text = t("health.last_failed", time=fmt.time(attempt.at), build=attempt.build_id)
            st.error(plain(f"{text} {what}"), icon=":material/rule:")


def gate_name(context: Context, name: str) -> str:
    """A gate by what it looks at: the models, what came in by a stream, or the candidate."""
    t = context.terms
    if name.startswith("gx door "):
        return t("health.gate_door", stream=context.labels("stream", name.removeprefix("gx door ")))
    return {"dbt": t("health.gate_models"), "gx candidate": t("health.gate_candidate")}.get(
        name, name
    )


def _gate_said(context: Context, gate: Mapping[str, Any]) -> str:
    """How much held; what did not is told in the words of the tool that found it."""
    held = int(gate.get("held") or 0)
    if gate.get("ok") and not gate.get("warns") and held:
        return context.terms("health.gate_held", n=context.fmt.count(held))
    return str(gate.get("detail") or "")


def feeds(context: Context, rows: Sequence[Mapping[str, Any]]) -> None:
    """One card a feed, those behind their schedule first; a feed without one is never late."""
    t, fmt = context.terms, context.fmt
    if not rows:
        empty(t("health.no_feeds"))
        return
    periods = policies.feed_periods(context.snapshot)

    def lateness(row: Mapping[str, Any]) -> timedelta | None:
        """Beyond the time its next file was to come; None where nothing was promised."""
        period, came = periods.get((row["source"], row["stream"])), row["last_ingested_at"]
        return None if period is None or came is None else context.now - came - period

    on_time = timedelta(0)
    judged = [(row, lateness(row)) for row in rows]
    judged.sort(key=lambda one: one[1] is None or one[1] <= on_time)
    with st.grid(4, min_column_width=230, gap="small"):
        for row, late in judged:
            color = "gray" if late is None else "red" if late > on_time else "green"
            age = context.now - row["watermark_at"] if row["watermark_at"] else None
            text = "–" if age is None else t("health.age", span=fmt.duration(age))
            with st.container(border=True, gap="xsmall"):
                stream = context.labels("stream", row["stream"])
                st.markdown(f"**{plain(row['source'])}** · {plain(stream)}")
                st.caption(plain(str(row["shop_id"])))
                st.badge(plain(text), color=color, icon=":material/schedule:")
                said = t("health.records", n=fmt.count(row["record_count"]))
                if late is not None and late > on_time:
                    said += t("health.feed_late", span=fmt.duration(late))
                st.caption(plain(said))


def of_case(context: Context, row: Mapping[str, Any]) -> None:
    """What a case of the data is about: the refused records of its file; where to map columns."""
    t, roles = context.terms, context.session.roles
    if row["queue_code"] != "Q36" or not context.policy.may_open(roles, "health"):
        return
    if row["entity_type"] in {"file", "shape"} and context.policy.may_open(roles, "sources"):
        st.page_link("views/sources.py", label=t("health.mapping"), icon=":material/schema:")
    if row["entity_type"] != "file":
        return
    count, rows = health.quarantine_of(context.reader, str(row["entity_id"]), limit=REFUSED_SHOWN)
    if not rows:
        return
    st.markdown(f"**{plain(t('health.of_file'))}**")
    grid(context, rows, REFUSED, key="case_quarantine", alt=t("health.of_file"))
    if count > len(rows):
        st.caption(plain(t("health.more_refused", n=context.fmt.count(count - len(rows)))))


def raw_bytes(context: Context, rows: Sequence[Mapping[str, Any]], picked: Sequence[int]) -> None:
    """The refused record as it came, after a reason was given."""
    t = context.terms
    if not picked:
        st.caption(t("health.pick_quarantine"))
        return
    row = rows[picked[0]]
    key = f"quarantine/{row['quarantine_id']}"
    with st.container(border=True):
        said = t(
            "health.bytes",
            file=str(row["file_name"] or row["file_id"][:12]),
            row=row["row_number"],
            first=row["byte_from"],
            last=row["byte_to"],
        )
        st.caption(plain(said))
        value = revealing.shown_value(context, key)
        if value is None:
            st.text(str(row["raw_masked"] or "–"))
            revealing.reveal_button(context, key)
        else:
            st.text(value)
            revealing.hide_in_time(context)
