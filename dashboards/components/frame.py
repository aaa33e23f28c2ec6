"""What surrounds every page: the bar on top, banners about the data, pages for when all fails."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboards.components.format import plain
from dashboards.context import Context, request_token
from dashboards.queries import orders
from dashboards.warehouse import Attempt, NoSnapshot, last_attempt
from orderhouse.ledger import set_locale, sign_out
from orderhouse.terms import LANGUAGES, terms_for

NAMES = {"zh": "中文", "en": "EN"}


def top_bar(context: Context) -> None:
    """Search, freshness, language, account: the same on every page."""
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="right", key="top_bar"
    ):
        _jump(context)
        freshness(context)
        _language(context)
        _account(context)


def _jump(context: Context) -> None:
    """Go to an order by any number people have in hand."""
    t = context.terms
    if not context.policy.may_open(context.session.roles, "order"):
        return

    def go() -> None:
        st.session_state["jump_to"] = st.session_state.get("jump_text", "").strip()
        st.session_state["jump_text"] = ""

    st.text_input(
        t("top.jump"),
        key="jump_text",
        placeholder=t("top.jump_hint"),
        label_visibility="collapsed",
        on_change=go,
        width=330,
        icon=":material/search:",
    )
    wanted = st.session_state.pop("jump_to", "")
    if wanted:
        _go_to_order(context, wanted)


def _go_to_order(context: Context, wanted: str) -> None:
    try:
        found = orders.search(context.reader, wanted, limit=2)
    except NoSnapshot:
        return
    if len(found) == 1:
        st.switch_page("views/order.py", query_params={"id": found[0]["order_id"]})
    st.switch_page("views/order.py", query_params={"s": wanted})


@st.fragment(run_every="30s")
def freshness(context: Context) -> None:
    """Build, age and check result of what is on screen; looks again by itself."""
    t, fmt = context.terms, context.fmt
    now = context.settings.clock()
    try:
        manifest = context.snapshot.manifest
    except NoSnapshot:
        st.badge(t("fresh.none"), icon=":material/cloud_off:", color="red")
        return
    as_of = manifest.as_of or manifest.published_at
    age = now - as_of
    is_stale = age.total_seconds() > context.settings.stale_after_minutes * 60
    attempt = last_attempt(context.settings)
    is_failed = attempt is not None and not attempt.ok
    color = "orange" if is_failed or is_stale else "green"
    icon = ":material/warning:" if is_failed or is_stale else ":material/verified:"
    ok = sum(bool(gate.get("ok")) for gate in manifest.gates)
    tip = t(
        "fresh.tip",
        build=manifest.build_id,
        published=fmt.time(manifest.published_at),
        ok=ok,
        gates=len(manifest.gates),
    )
    st.badge(plain(t("fresh.as_of", time=fmt.time(as_of))), icon=icon, color=color, help=plain(tip))


def _language(context: Context) -> None:
    def chosen() -> None:
        language = st.session_state.get("language_choice")
        if language in LANGUAGES:
            st.session_state["language"] = language
            set_locale(context.ledger, context.session, language)

    st.session_state["language_choice"] = context.language
    st.segmented_control(
        context.terms("top.language"),
        LANGUAGES,
        format_func=NAMES.__getitem__,
        key="language_choice",
        label_visibility="collapsed",
        on_change=chosen,
        required=True,
    )


def _account(context: Context) -> None:
    t, session = context.terms, context.session
    with st.popover(plain(session.display_name), icon=":material/account_circle:"):
        st.text(session.login)
        roles = t("list.join").join(t.code("role", role) for role in session.roles)
        st.caption(plain(roles))
        if session.shops is not None:
            st.caption(plain(t("top.shops", shops=", ".join(session.shops))))
        if st.button(t("top.sign_out"), icon=":material/logout:", key="sign_out"):
            sign_out(context.ledger, request_token() or "", context.now)
            st.rerun()


def banners(context: Context) -> None:
    """Say so when the newest build was refused, or when nothing new has come for too long."""
    t, fmt = context.terms, context.fmt
    attempt = last_attempt(context.settings)
    if attempt is not None and not attempt.ok:
        st.warning(plain(_refused(context, attempt)), icon=":material/rule:")
    try:
        manifest = context.snapshot.manifest
    except NoSnapshot:
        return
    as_of = manifest.as_of or manifest.published_at
    age = context.now - as_of
    if age.total_seconds() > context.settings.stale_after_minutes * 60:
        text = t("banner.stale", age=fmt.duration(age), time=fmt.time(as_of))
        st.warning(plain(text), icon=":material/schedule:")


def _refused(context: Context, attempt: Attempt) -> str:
    t = context.terms
    what = t("list.join").join(attempt.failed_gates) or attempt.reason or "–"
    return t("banner.refused", time=context.fmt.time(attempt.at), what=what)


def flash(context: Context) -> None:
    """What the last action did, said once after the page has run again."""
    for kind, text in st.session_state.pop("flash", ()):
        icon = ":material/check_circle:" if kind == "ok" else ":material/error:"
        st.toast(plain(text), icon=icon)


def say(text: str, kind: str = "ok") -> None:
    """Keep a message for the next run."""
    st.session_state.setdefault("flash", []).append((kind, text))


def signed_out_page(language: str) -> None:
    """The session ended while the page was open."""
    t = terms_for(language)
    with st.container(horizontal_alignment="center", gap="medium"):
        st.space("large")
        st.subheader(t("signed_out.title"), width="content")
        st.caption(t("signed_out.text"), width="content")
        # A static script: leaves for the sign-in page, which a link inside the app could not.
        st.html(
            "<script>window.parent.location.assign('/auth/login')</script>",
            unsafe_allow_javascript=True,
        )
        st.markdown(f"[{t('signed_out.link')}](/auth/login)", width="content")


def refused_page(context: Context) -> None:
    """The page belongs to another post."""
    t = context.terms
    st.subheader(t("refused.title"))
    roles = t("list.join").join(t.code("role", role) for role in context.session.roles)
    st.caption(plain(t("refused.text", roles=roles)))
    st.page_link("views/home.py", label=t("refused.home"), icon=":material/home:")


def no_snapshot_page(context: Context) -> None:
    """Nothing is published: say what to run, not that something broke."""
    t = context.terms
    st.subheader(t("no_snapshot.title"))
    st.caption(t("no_snapshot.text"))
    st.code("orderhouse build", language=None)


def error_page(error_id: str, language: str | None) -> None:
    """A page failed. The reader gets an id to name; the log has the rest."""
    t = terms_for(language if language in LANGUAGES else "zh")
    st.error(t("error.title"), icon=":material/error:")
    st.caption(t("error.text"))
    st.code(error_id, language=None)


def empty(text: str, hint: str = "", icon: str = ":material/inbox:") -> None:
    """Nothing to show, said kindly and with what it means."""
    with st.container(border=True, horizontal_alignment="center", gap="xsmall"):
        st.space("small")
        st.markdown(f"{icon} **{plain(text)}**", width="content")
        if hint:
            st.caption(plain(hint), width="content")
        st.space("small")


def facts(pairs: Sequence[tuple[str, str]], columns: int = 4) -> None:
    """Small label-and-value pairs; values are plain text."""
    with st.grid(columns, min_column_width=150, gap="small"):
        for label, value in pairs:
            with st.container(gap=None):
                st.caption(plain(label))
                st.text(value)
