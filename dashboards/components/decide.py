"""Deciding: the dialog that asks for a reason, shows what will happen, and does it once.

The dialog is open as long as `st.session_state["deciding"]` is set. The batch key is made when it
opens, so a double click or a replayed request is one decision.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import streamlit as st

from dashboards import case_refunds
from dashboards.acting import Outcome, desk_of, done_about, perform, skipped
from dashboards.components import (
    bearers,
    case_entry,
    case_refund,
    case_transfer,
    link_parts,
    map_code,
    map_sku,
    match_case,
    mention_parts,
)
from dashboards.components.format import plain
from dashboards.components.frame import say
from dashboards.components.queue_table import said_when, shown_entity
from dashboards.context import Context
from dashboards.queries import queue as queue_query
from orderhouse.ledger import list_users, names_of
from orderhouse.ledger.case_requests import ASKING

STATE = "deciding"
SNOOZE_HOURS = (1, 4, 24, 72, 168)
SHOWN_SKIPS = 5
# Verbs with something to choose from: another case, a line and a warehouse.
CHOSEN: Mapping[str, Callable[[Context, Sequence[Mapping[str, Any]]], dict[str, Any]]] = {
    link_parts.VERB: link_parts.chosen,
    match_case.VERB: match_case.chosen,
    case_transfer.VERB: case_transfer.chosen,
    case_entry.VERB: case_entry.chosen,
    map_code.VERB: map_code.chosen,
    map_sku.VERB: map_sku.chosen,
}


def ask(
    verb: str, item_ids: Sequence[str], rows: Sequence[Mapping[str, Any]] | None = None
) -> None:
    """Open the dialog on the next run; `rows` are cases that are in no queue."""
    st.session_state[STATE] = {
        "verb": verb,
        "ids": list(item_ids),
        "rows": rows,
        "key": secrets.token_hex(12),
    }


def close() -> None:
    st.session_state.pop(STATE, None)


def dialog(context: Context) -> None:
    """Draw the open dialog, if one is."""
    asked = st.session_state.get(STATE)
    if not asked:
        return
    title = context.terms.code("verb", asked["verb"])
    st.dialog(title, width="medium", on_dismiss=close)(_body)(context, asked)


def _body(context: Context, asked: Mapping[str, Any]) -> None:
    t, verb = context.terms, asked["verb"]
    rows = asked["rows"] or queue_query.items(desk_of(context), asked["ids"])
    able = [row for row in rows if skipped(context, row, verb) is None]
    _preview(context, rows, able, verb)
    args = _arguments(context, verb, able)
    is_meant = _again(context, able, verb)
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(t("act.cancel"), key="decide_cancel"):
            close()
            st.rerun()
        label = t("act.confirm", n=len(able)) if len(rows) > 1 else t("act.confirm_one")
        if st.button(label, type="primary", key="decide_ok", disabled=not able or not is_meant):
            _finish(context, able, verb, args, asked["key"])


def _preview(
    context: Context,
    rows: Sequence[Mapping[str, Any]],
    able: Sequence[Mapping[str, Any]],
    verb: str,
) -> None:
    t, names = context.terms, names_of(context.ledger)
    if len(rows) == 1 and able:
        row = rows[0]
        st.caption(
            plain(f"{context.labels('queue', row['queue_code'])} · {shown_entity(row, names)}")
        )
    else:
        st.markdown(plain(t("bulk.preview", ok=len(able), skipped=len(rows) - len(able))))
        left = [row for row in rows if row not in able]
        for row in left[:SHOWN_SKIPS]:
            st.caption(plain(f"{shown_entity(row, names)}: {skipped(context, row, verb)}"))
    due = [row for row in able if _needs_second(context, row, verb)]
    if due:
        st.info(plain(t("bulk.second", n=len(due))), icon=":material/group:")


def _again(context: Context, able: Sequence[Mapping[str, Any]], verb: str) -> bool:
    """What somebody has done already is done a second time only on purpose."""
    t, names = context.terms, names_of(context.ledger)
    found = done_about(context, [row["item_id"] for row in able])
    before = [one for done in found.values() for one in done if one.verb == verb]
    if not before:
        return True
    last = max(before, key=lambda one: one.at)
    when = said_when(context, last, names)
    said = t("act.done_before", when=when)
    if len(able) > 1:
        said = t("act.done_before_many", n=len(before), when=when)
    st.warning(plain(said), icon=":material/done_all:")
    return st.checkbox(t("act.do_again"), key=f"decide_again_{verb}")


def _needs_second(context: Context, row: Mapping[str, Any], verb: str) -> bool:
    amount, currency = row.get("at_risk_amount"), row.get("currency_code")
    work = context.policy.work(verb)
    if work is not None and "amount" in work.asks:
        amount = st.session_state.get(f"decide_amount_{verb}", 0)
    return context.policy.needs_second(verb, row["queue_code"], amount, currency)


def _arguments(context: Context, verb: str, able: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    t, args = context.terms, {}
    reasons = context.policy.reasons.get(verb)
    if reasons:
        args["reason_code"] = st.selectbox(
            t("act.reason"),
            reasons,
            index=_usual_reason(reasons, verb, able),
            format_func=lambda code: t.code("reason", code),
            key=f"decide_reason_{verb}",
        )
    args |= _told(context, verb, able, args.get("reason_code"))
    if verb == "comment":
        args |= mention_parts.picker(context, able)
    if verb in CHOSEN:
        args |= CHOSEN[verb](context, able)
    if verb == "snooze":
        args["until"] = _until(context)
    if verb in {"assign", "escalate"}:
        args["to"] = _assignee(context, able, "assign" if verb == "escalate" else "claim")
    needs_note = args.get("reason_code") in context.policy.reasons["comment_note_required"]
    note = st.text_area(
        t("act.note_needed") if needs_note or verb == "comment" else t("act.note"),
        key=f"decide_note_{verb}",
        max_chars=2000,
        height=90,
        placeholder=t("act.note_hint"),
    )
    if note.strip():
        args["comment"] = note.strip()
    return args


def _usual_reason(reasons: Sequence[str], verb: str, able: Sequence[Mapping[str, Any]]) -> int:
    """The reason these cases most likely have for money or goods; elsewhere the first."""
    usual = {case_refunds.REASONS.get(row["queue_code"]) for row in able}
    if verb == case_transfer.VERB:
        usual = {"replenish"}
    only = usual.pop() if len(usual) == 1 and verb in ASKING else None
    return reasons.index(only) if only in reasons else 0


def _told(
    context: Context, verb: str, able: Sequence[Mapping[str, Any]], reason: str | None
) -> dict[str, Any]:
    """What the policy asks to be told with the work: an amount, a score."""
    work, t = context.policy.work(verb), context.terms
    told: dict[str, Any] = {}
    if work is None:
        return told
    if "amount" in work.asks:
        currencies = sorted({str(row.get("currency_code") or "") for row in able})
        amount = st.number_input(
            t("act.amount", currency=" / ".join(currencies)),
            value=_at_stake(able) if verb == "recover_money" else 0.0, min_value=0.0,
            step=1.0, format="%.2f", key=f"decide_amount_{verb}",
        )  # fmt: skip
        told["amount"] = f"{amount:.2f}"
    if "refund" in work.asks:
        told |= case_refund.chosen(context, verb, able)
    if "bearers" in work.asks:
        told |= bearers.split(context, verb, able, told["amount"], reason)
    if "ticket" in work.asks:
        told["ticket"] = st.text_input(
            t("act.ticket"), key=f"decide_ticket_{verb}", max_chars=40
        ).strip()
    if "quantity" in work.asks:
        level = st.number_input(
            t("act.level"), value=_level(able), min_value=0.0, step=1.0, format="%g",
            key=f"decide_quantity_{verb}",
        )  # fmt: skip
        told["quantity"] = f"{Decimal(f'{level:.4f}').normalize():f}"
    if "score" in work.asks:
        score = st.segmented_control(
            t("act.score"), range(1, 6), default=5, required=True, key=f"decide_score_{verb}"
        )
        told["score"] = str(score)
    return told


def _at_stake(able: Sequence[Mapping[str, Any]]) -> float:
    """What the case is about, where it is one and its amount may be seen."""
    return float(able[0].get("at_risk_amount") or 0) if len(able) == 1 else 0.0


def _level(able: Sequence[Mapping[str, Any]]) -> float:
    """The level the cases were judged by, where they have one in common."""
    facts = [fact for row in able for fact in (row.get("why") or {}).get("facts", ())]
    levels = {fact.get("threshold") for fact in facts if fact["name"] == "atp_quantity"}
    return float(levels.pop() or 0) if len(levels) == 1 else 0.0


def _until(context: Context) -> str:
    t = context.terms
    hours = st.segmented_control(
        t("act.until"),
        SNOOZE_HOURS,
        format_func=lambda n: context.fmt.duration(timedelta(hours=n)),
        default=4,
        required=True,
        key="decide_until",
    )
    until: datetime = context.now + timedelta(hours=int(hours or 4))
    st.caption(plain(t("act.until_at", time=context.fmt.time(until))))
    return until.isoformat()


def _assignee(context: Context, able: Sequence[Mapping[str, Any]], needed: str) -> str | None:
    """Somebody whose post has the verb `needed` in the queues of these cases."""
    queues = {row["queue_code"] for row in able}
    people = [
        user
        for user in list_users(context.ledger)
        if user.is_active
        and context.policy.is_person(user.roles)
        and all(context.policy.role_for(user.roles, needed, code) for code in queues)
    ]
    names = {user.user_id: user.display_name for user in people}
    return st.selectbox(
        context.terms("act.to"), list(names), format_func=names.__getitem__, key="decide_to"
    )


def _finish(
    context: Context,
    able: Sequence[Mapping[str, Any]],
    verb: str,
    args: Mapping[str, Any],
    key: str,
) -> None:
    if verb == case_entry.VERB and (wrong := case_entry.problem(context)):
        st.error(plain(wrong))
        return
    outcomes = perform(context, able, verb, args, key)
    if verb == case_entry.VERB:
        case_entry.handed_in(context, outcomes)
    failed = [outcome for outcome in outcomes if not outcome.is_ok]
    if failed and len(failed) == len(outcomes):
        for outcome in failed[:SHOWN_SKIPS]:
            st.error(plain(outcome.problem or ""))
        # A refused request may be corrected and sent again: that is another request.
        st.session_state[STATE]["key"] = secrets.token_hex(12)
        return
    report(context, outcomes, verb)
    close()
    st.rerun()


def at_once(context: Context, verb: str, item_ids: Sequence[str]) -> None:
    """A verb that asks nothing: claim, release, undo, approve."""
    rows = queue_query.items(desk_of(context), item_ids)
    outcomes = perform(context, rows, verb, {}, secrets.token_hex(12))
    report(context, outcomes, verb)


def report(context: Context, outcomes: Sequence[Outcome], verb: str) -> None:
    """Say what happened, and remember the last case so that it can be undone."""
    t, names = context.terms, names_of(context.ledger)
    done = [outcome for outcome in outcomes if outcome.is_ok]
    label = t.code("verb", verb)
    if done:
        waiting = [o for o in done if o.result is not None and o.result.state == "proposed"]
        if waiting and verb != "comment":
            say(t("flash.proposed", n=len(waiting)))
        elif len(done) == 1:
            say(t("flash.one", verb=label, what=shown_entity(done[0].row, names)))
        else:
            say(t("flash.many", verb=label, n=len(done)))
        if verb not in {"undo", "comment"}:
            st.session_state["last_done"] = {
                "ids": [outcome.row["item_id"] for outcome in done],
                "until": context.now + timedelta(minutes=context.policy.limits["undo_minutes"]),
            }
        else:
            st.session_state.pop("last_done", None)
    for outcome in [outcome for outcome in outcomes if not outcome.is_ok][:3]:
        say(f"{shown_entity(outcome.row, names)}: {outcome.problem}", "bad")
