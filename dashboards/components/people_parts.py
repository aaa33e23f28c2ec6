"""Forms about accounts. What they may do is checked in the ledger, not here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import pandas as pd
import streamlit as st

from dashboards.acting import refusal
from dashboards.components.format import plain
from dashboards.components.frame import say
from dashboards.context import Context
from dashboards.queries import policies
from dashboards.warehouse import NoSnapshot
from orderhouse.ledger import (
    LedgerError,
    NewUser,
    User,
    create_user,
    set_active,
    set_password,
    set_roles,
)


def people_table(context: Context, users: Sequence[User]) -> User | None:
    """Every account; the selected one is edited below."""
    t, fmt, limit = context.terms, context.fmt, _dormant_after(context)
    frame = pd.DataFrame(
        {
            t("users.login"): [user.login for user in users],
            t("users.name"): [user.display_name for user in users],
            t("users.roles"): [[t.code("role", role) for role in user.roles] for user in users],
            t("users.shops"): [", ".join(user.shops or ()) or t("users.every") for user in users],
            t("users.state"): [[_state(context, user, limit)] for user in users],
            t("users.signed_in"): [fmt.time(user.signed_in_at) for user in users],
            t("users.notes"): [_notes(context, user) for user in users],
        }
    )
    states = [t("users.active"), t("users.dormant"), t("users.disabled")]
    config = {
        t("users.roles"): st.column_config.MultiselectColumn(
            options=[t.code("role", role) for role in _posts(context)], color="primary"
        ),
        t("users.state"): st.column_config.MultiselectColumn(
            options=states, color=["green", "orange", "gray"]
        ),
    }
    event = st.dataframe(
        frame,
        key="people",
        hide_index=True,
        column_config=config,
        on_select="rerun",
        selection_mode="single-row",
        alt=t("nav.users"),
    )
    picked = [at for at in event.selection.rows if at < len(users)]
    return users[picked[0]] if picked else None


def _dormant_after(context: Context) -> timedelta | None:
    """The limit the review of rights goes by (queue Q37); there is none before the first build."""
    try:
        return policies.dormant_after(context.snapshot)
    except NoSnapshot:
        return None


def _state(context: Context, user: User, limit: timedelta | None) -> str:
    t = context.terms
    if not user.is_active:
        return t("users.disabled")
    unused = context.now - (user.signed_in_at or user.created_at)
    return t("users.dormant") if limit is not None and unused > limit else t("users.active")


def _notes(context: Context, user: User) -> str:
    """Pairs of roles one person should not hold together."""
    t = context.terms
    pairs = context.policy.conflicts_of(user.roles)
    return "; ".join(
        t("users.conflict", a=t.code("role", first), b=t.code("role", second))
        for first, second in pairs
    )


def _try(context: Context, done: str, change: Callable[[], object]) -> None:
    try:
        change()
    except LedgerError as error:
        st.error(plain(refusal(context, error)))
        return
    say(done)
    st.rerun()


def _posts(context: Context) -> list[str]:
    """Roles people can hold; the house's own is not among them."""
    return [role for role in context.policy.roles if context.policy.is_person([role])]


def _role_input(context: Context, key: str, default: Sequence[str] = ()) -> list[str]:
    return st.multiselect(
        context.terms("users.roles"),
        _posts(context),
        default=list(default),
        format_func=lambda code: context.terms.code("role", code),
        placeholder=context.terms("users.choose_roles"),
        key=key,
    )


def _shops_input(context: Context, key: str, default: Sequence[str] | None) -> list[str] | None:
    text = st.text_input(
        context.terms("users.shops"),
        value=", ".join(default or ()),
        placeholder=context.terms("users.shops_hint"),
        key=key,
    )
    named = [part.strip() for part in text.replace("，", ",").split(",") if part.strip()]
    return named or None


def edit(context: Context, user: User) -> None:
    """Roles and shops, a new password, on or off."""
    with st.container(border=True):
        st.markdown(f"**{plain(user.display_name)}** · {plain(user.login)}")
        _rights(context, user)
        _password(context, user)
        _activity(context, user)


def _rights(context: Context, user: User) -> None:
    t = context.terms
    with st.form(f"rights_{user.user_id}", border=False):
        roles = _role_input(context, f"roles_{user.user_id}", user.roles)
        shops = _shops_input(context, f"shops_{user.user_id}", user.shops)
        if st.form_submit_button(t("users.save"), type="primary"):
            now, actor = context.now, context.session
            _try(
                context,
                t("users.saved"),
                lambda: set_roles(
                    context.ledger, user.user_id, roles, shops=shops, now=now, actor=actor
                ),
            )


def _password(context: Context, user: User) -> None:
    t = context.terms
    with st.form(f"secret_{user.user_id}", border=False, clear_on_submit=True):
        secret = st.text_input(t("users.new_password"), type="password")
        if st.form_submit_button(t("users.set_password")):
            now, actor = context.now, context.session
            _try(
                context,
                t("users.password_set"),
                lambda: set_password(context.ledger, user.user_id, secret, now=now, actor=actor),
            )


def _activity(context: Context, user: User) -> None:
    t, wanted = context.terms, not user.is_active
    label = t("users.enable") if wanted else t("users.disable")
    if st.button(label, key=f"active_{user.user_id}"):
        now, actor = context.now, context.session
        _try(
            context,
            t("users.saved"),
            lambda: set_active(context.ledger, user.user_id, wanted, now=now, actor=actor),
        )


def create(context: Context) -> None:
    """A new account."""
    t = context.terms
    with st.container(border=True), st.form("new_user", border=False, clear_on_submit=False):
        st.markdown(f"**{t('users.new')}**")
        login = st.text_input(t("users.login"), key="new_login")
        name = st.text_input(t("users.name"), key="new_name")
        roles = _role_input(context, "new_roles")
        shops = _shops_input(context, "new_shops", None)
        secret = st.text_input(t("users.new_password"), type="password", key="new_secret")
        st.caption(t("users.password_rule"))
        if st.form_submit_button(t("users.create"), type="primary"):
            new = NewUser(
                login=login,
                display_name=name or login,
                roles=tuple(roles),
                password=secret,
                shops=tuple(shops) if shops else None,
            )
            _try(
                context,
                t("users.created", login=login),
                lambda: create_user(context.ledger, new, now=context.now, actor=context.session),
            )
