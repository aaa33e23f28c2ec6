"""Making a source from a sample: bring it, look at it, change what is wrong, accept.

The work is done by the worker (`orderhouse.source_drafts`); here it is asked for and shown. What is
being changed lives in the session; what was asked and answered lies in the home, so another tab, a
colleague or tomorrow's reader goes on where it stood.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

import streamlit as st

from dashboards.acting import refusal
from dashboards.components import source_choices, source_trial, uploading, url
from dashboards.components.format import plain
from dashboards.components.frame import empty, say
from dashboards.context import Context
from orderhouse.ledger import Accepted, LedgerError, names_of, record_source
from orderhouse.source_choices import BadDraft, Choices
from orderhouse.source_drafts import (
    Answer,
    Ask,
    Draft,
    answer_to,
    ask,
    bring,
    drafts,
    find_draft,
    is_accepted,
    last_ask,
    last_good,
    take_back,
)

TYPES = ("csv", "tsv", "txt", "json", "jsonl", "xlsx", "parquet", "gz", "zip")
PATIENCE = timedelta(seconds=45)


def page(context: Context) -> None:
    t = context.terms
    st.caption(t("newsource.lead"))
    if context.session.shops is not None or not context.may("source_accept"):
        empty(t("newsource.whole_business"), icon=":material/storefront:")
        return
    draft = find_draft(context.settings, url.read("draft"))
    asked = last_ask(context.settings, draft.draft_id) if draft else None
    if draft is None or asked is None:
        _bring(context)
        _open_drafts(context)
        return
    _work(context, draft, asked)


def problem(context: Context, code: str, **fields: object) -> str:
    return context.terms(f"newsource.{code}", **fields)


def _fail(context: Context, error: BadDraft) -> None:
    text = problem(context, error.code, **error.fields)
    st.error(plain(text), icon=":material/error:")


def _bring(context: Context) -> None:
    t, settings = context.terms, context.settings
    limit = max(settings.sample_max_bytes >> 20, 1)
    # A new key drops the bytes of the file before from the app's memory.
    turn = st.session_state.setdefault("sample_turn", 0)
    with st.form("bring", border=True):
        with st.container(key="bring_file"):
            uploaded = st.file_uploader(
                t("newsource.file"),
                type=list(TYPES),
                max_upload_size=limit,
                key=f"sample_{turn}",
                help=t("newsource.file_help", limit=limit, hours=settings.sample_hours),
            )
        uploading.in_words(context, "bring_file", limit)
        st.caption(t("newsource.file_help", limit=limit, hours=settings.sample_hours))
        name = st.text_input(
            t("newsource.name"), key="source_name", help=t("newsource.name_help"), width=420
        )
        if not st.form_submit_button(t("newsource.look"), type="primary", icon=":material/search:"):
            return
    try:
        if uploaded is None:
            raise BadDraft("no_file")
        choices = Choices(name=name.strip(), zone=settings.reporting_zone)
        choices.check()
        who, now = context.session.user_id, settings.clock()
        draft = bring(settings, uploaded.name, uploaded.getvalue(), who, now)
        ask(settings, draft.draft_id, "propose", choices, who=who, now=now)
    except BadDraft as error:
        _fail(context, error)
        return
    st.session_state["sample_turn"] = turn + 1
    url.write(draft=draft.draft_id)
    st.rerun()


def _open_drafts(context: Context) -> None:
    """What somebody of the team has begun and not finished."""
    t, settings, names = context.terms, context.settings, names_of(context.ledger)
    open_ones = [one for one in drafts(settings) if not is_accepted(settings, one.draft_id)]
    if not open_ones:
        return
    st.markdown(f"**{t('newsource.open_drafts')}**")
    for draft in open_ones:
        asked = last_ask(settings, draft.draft_id)
        if asked is None:
            continue
        label = t(
            "newsource.open_one",
            name=asked.choices.name,
            file=draft.file_name,
            who=names.get(draft.brought_by, t("who.somebody")),
            time=context.fmt.time(draft.brought_at),
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button(t("newsource.resume"), key=f"resume_{draft.draft_id}"):
                url.write(draft=draft.draft_id)
                st.rerun()
            st.text(label)


def _work(context: Context, draft: Draft, asked: Ask) -> None:
    _draft_bar(context, draft, asked)
    _tell_of_others(context, asked)
    answer = answer_to(context.settings, asked)
    if answer is None:
        _wait(context, asked)
        return
    if answer.is_good and asked.wish == "accept":
        _done(context, asked, answer)
        return
    if not answer.is_good:
        _fail(context, BadDraft(answer.code, **answer.fields))
        if answer.about:
            st.caption(plain(context.terms("newsource.technical", about=answer.about)))
    shown = last_good(context.settings, asked)
    _change(context, asked, shown)


def _tell_of_others(context: Context, asked: Ask) -> None:
    """Somebody else asked meanwhile: what this reader had changed is gone, and that is said."""
    key = f"seen_{asked.draft_id}"
    if asked.number > st.session_state.get(key, asked.number):
        st.toast(plain(problem(context, "overtaken")), icon=":material/group:")
    st.session_state[key] = asked.number


def _draft_bar(context: Context, draft: Draft, asked: Ask) -> None:
    t, names = context.terms, names_of(context.ledger)
    is_done = is_accepted(context.settings, draft.draft_id)
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.badge(plain(asked.choices.name), icon=":material/dataset:")
        said = t(
            "newsource.brought",
            file=draft.file_name,
            size=_size(draft.size_bytes),
            who=names.get(draft.brought_by, t("who.somebody")),
            time=context.fmt.time(draft.brought_at),
        )
        st.caption(plain(said), width="stretch")
        if is_done:
            if st.button(t("newsource.another"), icon=":material/add:"):
                _leave()
        elif st.button(t("newsource.back"), icon=":material/delete_forever:", key="take_back"):
            take_back(context.settings, draft.draft_id)
            say(t("newsource.taken_back"))
            _leave()


def _leave() -> None:
    url.write(draft=None)
    st.rerun()


def _size(count: int) -> str:
    return f"{count / (1 << 20):.1f} MB" if count >= 1 << 20 else f"{max(count / 1024, 0.1):.1f} KB"


@st.fragment(run_every="1s")
def _wait(context: Context, asked: Ask) -> None:
    """Looks for the answer by itself."""
    t = context.terms
    if answer_to(context.settings, asked) is not None:
        st.rerun()
    waited = context.settings.clock() - asked.asked_at
    with st.container(border=True):
        st.markdown(f":material/hourglass_top: {t(f'newsource.waiting.{asked.wish}')}")
        if waited > PATIENCE:
            text = t("newsource.waiting.long", span=context.fmt.duration(waited))
            st.warning(plain(text), icon=":material/schedule:")


def _change(context: Context, asked: Ask, shown: tuple[Ask, Answer] | None) -> None:
    """The last good answer, with everything that can be changed about it."""
    t = context.terms
    base = (shown[0] if shown else asked).choices
    found = shown[1].found if shown else {}
    if found:
        source_trial.seen(context, found)
    scope = f"{asked.draft_id}_{asked.number}"
    wanted = source_choices.basics(context, base, found, scope)
    fields = source_choices.fields(context, base, found, wanted.streams, scope)
    wanted = replace(wanted, fields=fields)
    before = replace(base, streams=source_choices.streams(base, found), fields=dict(base.fields))
    has_changed = not found or wanted != before
    if st.button(
        t("newsource.try_again"),
        type="primary" if has_changed else "secondary",
        icon=":material/replay:",
        key="try_again",
    ):
        _ask(context, asked, wanted)
    if not found:
        return
    if has_changed:
        st.caption(f":material/edit: {t('newsource.changed')}")
    source_trial.trial(context, found)
    _accept(context, asked, base, found, is_blocked=has_changed)


def _ask(context: Context, asked: Ask, wanted: Choices) -> None:
    empty_one = next((place for place, v in wanted.fields.items() if v == "value:"), None)
    if empty_one is not None:
        label = source_trial.field_label(context, empty_one.partition(".")[2])
        _fail(context, BadDraft("empty_value", field=label))
        return
    _send(context, asked, "propose", wanted)


def _send(context: Context, asked: Ask, wish: str, wanted: Choices, action_id: str = "") -> None:
    try:
        sent = ask(
            context.settings, asked.draft_id, wish, wanted, who=context.session.user_id,
            now=context.settings.clock(), after=asked.number, action_id=action_id,
        )  # fmt: skip
    except BadDraft as error:
        if error.code != "overtaken":
            _fail(context, error)
            return
    else:
        st.session_state[f"seen_{asked.draft_id}"] = sent.number
    st.rerun()


def _accept(context: Context, asked: Ask, base: Choices, found: dict, *, is_blocked: bool) -> None:
    t, trial = context.terms, found["trial"]
    st.subheader(t("newsource.accept_title"), anchor=False)
    with st.container(border=True):
        taken = found.get("taken")
        replaces = False
        if taken:
            st.warning(plain(problem(context, taken, name=base.name)), icon=":material/warning:")
            label = t("newsource.replaces", name=base.name)
            replaces = st.checkbox(plain(label), key="replaces")
        takes = st.checkbox(t("newsource.takes_sample"), value=True, key="takes_sample")
        shop = base.shop or base.name.replace("_", "-")
        shop = st.text_input(
            t("newsource.shop"), value=shop, key="source_shop", help=t("newsource.shop_help"),
            disabled=not takes, width=420,
        )  # fmt: skip
        st.caption(t("newsource.accept_note"))
        wanted = replace(base, shop=shop.strip(), takes_sample=takes, replaces=replaces)
        if st.button(
            t("newsource.accept"), type="primary", icon=":material/check:", key="accept",
            disabled=is_blocked or not trial["recorded"] or (bool(taken) and not replaces),
        ):  # fmt: skip
            _decide(context, asked, wanted, found["mapping_sha256"])


def _decide(context: Context, asked: Ask, wanted: Choices, mapping_sha256: str) -> None:
    """To the ledger first, then to the worker, which writes only what the ledger knows."""
    now = context.settings.clock()
    said = f"{wanted.shop}|{wanted.takes_sample}|{wanted.replaces}|{mapping_sha256}"
    accepted = Accepted(
        name=wanted.name,
        key=f"{asked.draft_id}/{asked.number}/{hashlib.sha256(said.encode()).hexdigest()[:12]}",
        mapping_sha256=mapping_sha256,
        shop=wanted.shop if wanted.takes_sample else "",
        replaces=wanted.replaces,
    )
    try:
        wanted.check()
        action_id = record_source(context.ledger, context.session, accepted, now=now)
    except LedgerError as error:
        st.error(plain(refusal(context, error)), icon=":material/error:")
    except BadDraft as error:
        _fail(context, error)
    else:
        _send(context, asked, "accept", wanted, action_id)


def _done(context: Context, asked: Ask, answer: Answer) -> None:
    t, found = context.terms, answer.found
    name, shop = asked.choices.name, asked.choices.shop or "<shop>"
    st.success(plain(t("newsource.done", name=name)), icon=":material/celebration:")
    st.caption(plain(t("newsource.done_files", files=t("list.join").join(found["written"]))))
    if found["landed"]:
        st.caption(t("newsource.done_landed"))
    if found["refused"]:
        st.warning(t("newsource.done_refused"), icon=":material/warning:")
        st.caption(plain(t("newsource.technical", about=found["refused"])))
    st.markdown(t("newsource.done_next"))
    inbox = context.settings.inbox_dir / name / shop
    st.code(f"cp FILE {inbox}/\norderhouse land FILE --source {name} --shop {shop}", language=None)
    with st.container(horizontal=True):
        st.page_link(
            "views/sources.py", label=t("newsource.to_list"), icon=":material/dataset:",
            query_params={"section": "list", "source": name},
        )  # fmt: skip
        st.page_link(
            "views/health.py", label=t("newsource.to_health"), icon=":material/health_and_safety:"
        )
