"""The parts of the audit page: the chain's state, the filter, the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import pandas as pd
import streamlit as st

from dashboards.components import url
from dashboards.components.format import plain
from dashboards.context import Context
from orderhouse.ledger import AuditFilter, Entry, audit_verify, head
from orderhouse.terms import Terms

STREAMS = ("action", "delivery", "access", "auth", "people", "source", "error")
DAYS = ("1", "7", "30", "365")
EXPORTED = (
    "seq",
    "at",
    "stream",
    "verb",
    "actor_id",
    "actor_role",
    "ip",
    "queue_code",
    "entity_type",
    "entity_id",
    "order_id",
    "reason_code",
    "snapshot_id",
    "action_id",
)


def chain(context: Context) -> None:
    """Check the whole chain when asked; show the anchor to keep elsewhere."""
    t = context.terms
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.caption(t("audit.anchor"))
        st.code(head(context.ledger), language=None)
        if st.button(t("audit.verify"), icon=":material/verified_user:", key="verify"):
            report = audit_verify(context.ledger)
            if report.ok:
                text = t("audit.ok", n=context.fmt.count(report.rows))
                st.badge(plain(text), color="green", icon=":material/check_circle:")
            else:
                why = t.code("broken", report.reason)
                text = t("audit.broken", seq=report.first_bad_seq or "–", why=why)
                st.error(plain(text))


def filter_bar(context: Context, names: Mapping[str, str]) -> tuple[AuditFilter, str]:
    """The filter and its words for the head of an export."""
    t = context.terms
    stream = url.read_choice("stream", STREAMS, "")
    actor = url.read_choice("actor", names, "")
    days = url.read_choice("days", DAYS, "30")
    text = url.read("s")[:60]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _one_of(context, "stream", {code: t.code("audit_stream", code) for code in STREAMS}, stream)
        _one_of(context, "actor", names, actor)
        st.segmented_control(
            t("audit.days"),
            DAYS,
            key="a_days",
            format_func=lambda n: t("recon.last_days", n=n),
            on_change=url.bound("a_days", "days", days, "page"),
            required=True,
        )
        st.text_input(
            t("filter.search"),
            key="a_search",
            placeholder=t("audit.search_hint"),
            on_change=url.bound("a_search", "s", text, "page"),
            icon=":material/search:",
            width=220,
        )
    since = context.now - timedelta(days=int(days))
    wanted = AuditFilter(
        stream=stream or None, actor_id=actor or None, since=since, text=text or None
    )
    return wanted, f"stream={stream}; actor={actor}; days={days}; search={text}"


def _one_of(context: Context, name: str, options: Mapping[str, str], chosen: str) -> None:
    st.selectbox(
        context.terms(f"audit.{name}"),
        list(options),
        index=None,
        key=f"a_{name}",
        format_func=options.__getitem__,
        placeholder=context.terms("filter.any"),
        on_change=url.bound(f"a_{name}", name, chosen or None, "page"),
        width=175,
    )


def table(context: Context, entries: Sequence[Entry], names: Mapping[str, str]) -> None:
    t = context.terms
    frame = pd.DataFrame(
        {
            t.code("column", "seq"): [entry.seq for entry in entries],
            t.code("column", "at"): [context.fmt.exact(entry.at) for entry in entries],
            t("audit.stream"): [t.code("audit_stream", entry.stream) for entry in entries],
            t("audit.actor"): [names.get(entry.actor_id, entry.actor_id) for entry in entries],
            t("audit.what"): [t.code("verb", entry.verb) for entry in entries],
            t("audit.object"): [_object(entry, names) for entry in entries],
            t("act.reason"): [_reason(t, entry) for entry in entries],
            t.code("column", "ip"): [entry.ip or "–" for entry in entries],
        }
    )
    st.dataframe(frame, hide_index=True, alt=t("nav.audit"), key="audit_rows")


def _reason(terms: Terms, entry: Entry) -> str:
    domain = "delivery" if entry.stream == "delivery" else "reason"
    return terms.code(domain, entry.reason_code)


def _object(entry: Entry, names: Mapping[str, str]) -> str:
    what = entry.entity_id or entry.order_id
    parts = (entry.queue_code, names.get(what or "", what))
    return " · ".join(part for part in parts if part)
