"""Cases that belong together: choosing the other one, and showing what is tied to a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboards.acting import desk_of
from dashboards.components.format import plain
from dashboards.components.queue_table import shown_entity
from dashboards.context import Context
from dashboards.queries import policies
from dashboards.queries import queue as queue_query
from dashboards.queries.queue import QueueFilter
from orderhouse.ledger import CaseLink, links_of, names_of

VERB = "link_case"
FOUND = 8


def chosen(context: Context, able: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The case somebody picks; nothing: none is picked yet."""
    if len(able) != 1:
        return {}
    t, item = context.terms, able[0]
    text = st.text_input(t("link.find"), key="link_text", max_chars=80).strip()
    found = _candidates(context, item, text)
    if not found:
        st.caption(plain(t("link.not_found", text=text) if text else t("link.none")))
        return {}
    names = names_of(context.ledger)
    by_id = {row["item_id"]: row for row in found}
    picked = st.radio(
        t("link.which"),
        list(by_id),
        format_func=lambda item_id: plain(_title(context, by_id[item_id], names)),
        index=None,
        key=f"link_choice_{text}",
    )
    if not picked:
        return {}
    other = by_id[picked]
    return {
        "other_item_id": picked,
        "other_queue_code": other["queue_code"],
        "other_entity_id": other["entity_id"],
    }


def _candidates(context: Context, item: Mapping[str, Any], text: str) -> list[dict[str, Any]]:
    """Open cases of the same order, or those a number names, in the reader's own queues."""
    desk = desk_of(context)
    mine = [one.code for one in policies.queues(context.snapshot) if context.may(VERB, one.code)]
    if text:
        wanted = QueueFilter(queues=tuple(mine), text=text)
        rows = queue_query.page(desk, wanted, limit=FOUND + 1)
    elif item.get("order_id"):
        rows = queue_query.of_order(desk, str(item["order_id"]))
    else:
        rows = []
    tied = {link.other_item_id for link in links_of(context.ledger, item["item_id"])}
    gone = tied | {item["item_id"]}
    return [row for row in rows if row["item_id"] not in gone and row["queue_code"] in mine][:FOUND]


def _title(context: Context, row: Mapping[str, Any], names: Mapping[str, str]) -> str:
    return f"{context.labels('queue', row['queue_code'])} · {shown_entity(row, names)}"


def of_case(context: Context, row: Mapping[str, Any], names: Mapping[str, str]) -> None:
    """What is tied to a case, from either side."""
    links = links_of(context.ledger, row["item_id"])
    if not links:
        return
    t = context.terms
    st.markdown(f"**{plain(t('link.title'))}**")
    others = {
        other["item_id"]: other
        for other in queue_query.items(desk_of(context), [link.other_item_id for link in links])
    }
    for link in links:
        _tied(context, link, others.get(link.other_item_id), names)


def _tied(
    context: Context, link: CaseLink, other: Mapping[str, Any] | None, names: Mapping[str, str]
) -> None:
    t = context.terms
    way = "" if link.is_ours or link.reason_code != "follows" else "_back"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(t.code("link", f"{link.reason_code}{way}"), icon=":material/link:", color="blue")
        if other is None:
            st.caption(plain(link.other_item_id[:12]), width="content")
        elif context.may("comment", other["queue_code"]):
            st.page_link(
                "views/queue.py",
                label=plain(_title(context, other, names)),
                icon=":material/open_in_new:",
                query_params={"q": other["queue_code"], "item": other["item_id"]},
            )
        else:
            queue = context.labels("queue", other["queue_code"])
            st.caption(plain(t("link.hidden", queue=queue)), width="content")
        said = t("link.by", by=names.get(link.by, "–"), time=context.fmt.time(link.at))
        st.caption(plain(said), width="content")
