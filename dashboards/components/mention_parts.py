"""Naming colleagues in a comment, and the list of where one was named oneself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboards.acting import ref_of
from dashboards.components.format import plain
from dashboards.context import Context
from orderhouse.ledger import Mention, list_users, may_see, mentions_of, names_of, read_mentions


def picker(context: Context, able: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Colleagues who may see every one of these cases."""
    t = context.terms
    people = {
        user.user_id: f"{user.display_name} (@{user.login})"
        for user in list_users(context.ledger)
        if user.is_active
        and user.user_id != context.session.user_id
        and context.policy.is_person(user.roles)
        and all(may_see(context.policy, ref_of(row), user.roles, user.shops) for row in able)
    }
    picked = st.multiselect(
        t("mention.pick"),
        list(people),
        format_func=people.__getitem__,
        key="decide_mentions",
        placeholder=t("mention.placeholder"),
        help=t("mention.hint"),
    )
    return {"mentions": picked} if picked else {}


def opened(context: Context, row: Mapping[str, Any]) -> None:
    """The case is on the screen: what was said to its reader there is read."""
    read_mentions(context.ledger, context.session.user_id, row["item_id"], context.now)


def inbox(context: Context) -> None:
    """Where I was named, what I have not read first; nothing while nobody has named me."""
    mine = [
        one
        for one in mentions_of(context.ledger, context.session.user_id)
        if context.may("comment", one.queue_code)
    ]
    if not mine:
        return
    t = context.terms
    unread = sum(one.read_at is None for one in mine)
    title = t("mention.unread", n=unread) if unread else t("mention.title")
    with st.expander(
        plain(title), icon=":material/alternate_email:", expanded=bool(unread), key="mentions"
    ):
        names = names_of(context.ledger)
        for one in mine:
            _said(context, one, names)


def _said(context: Context, one: Mention, names: Mapping[str, str]) -> None:
    t = context.terms
    what = one.order_id or one.entity_id or ""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if one.read_at is None:
            st.badge(t("mention.new"), color="orange")
        st.page_link(
            "views/queue.py",
            label=plain(f"{context.labels('queue', one.queue_code)} · {what}"),
            icon=":material/open_in_new:",
            query_params={"q": str(one.queue_code), "item": one.item_id},
        )
        said = t("mention.said", by=names.get(one.by, "–"), time=context.fmt.time(one.at))
        st.caption(plain(said), width="content")
    st.text(one.comment if one.comment else t("mention.erased"))
