"""One case, opened: why it is here, what can be done, what was done."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import streamlit as st

from dashboards.acting import decisions_for, done_about, fits
from dashboards.components import decide, health_parts, link_parts, mention_parts, refund_parts
from dashboards.components.format import plain
from dashboards.components.queue_table import SEVERITY_COLORS, said_done, shown_entity
from dashboards.components.sla import countdown
from dashboards.components.why import fact_label, sentence, value_text
from dashboards.context import Context
from dashboards.queries import priority
from dashboards.queries import queue as queue_query
from orderhouse.ledger import Done, Entry, history

SHORTCUTS = {"claim": "A", "release": "A", "snooze": "S", "comment": "M", "assign": "E"}
ICONS = {
    "claim": "front_hand",
    "release": "undo",
    "snooze": "snooze",
    "assign": "person_add",
    "escalate": "escalator_warning",
    "comment": "comment",
    "link_case": "link",
    "resolve": "task_alt",
    "dismiss": "do_not_disturb_on",
    "justify": "rate_review",
    "confirm_access": "verified_user",
    "re_push": "sync",
    "chase_supplier": "campaign",
    "switch_supplier": "swap_horiz",
    "approve_exception": "task_alt",
    "review_pass": "task_alt",
    "review_hold": "pause_circle",
    "review_reject": "block",
    "release_hold": "play_circle",
    "merge_orders": "merge",
    "finance_pass": "task_alt",
    "finance_return": "undo",
    "allow_once": "task_alt",
    "blacklist_add": "person_off",
    "whitelist_add": "how_to_reg",
    "match_manually": "join",
    "reject_match": "link_off",
    "explain_break": "lightbulb",
    "adjust_break": "edit_note",
    "claim_break": "gavel",
    "write_off": "money_off",
    "reopen_break": "replay",
    "approve": "verified",
    "refuse": "thumb_down",
}
# Of what is done about a case, by what becomes of it.
WORK_ICONS = {"note": "edit_note", "wait": "schedule_send", "settle": "task_alt"}
_USUAL = frozenset(
    {
        "review_pass", "resolve", "justify", "approve", "release_hold", "merge_orders",
        "finance_pass", "allow_once", "re_push", "confirm_access", "chase_supplier",
        "explain_break", "approve_case", "contact_carrier", "respond", "file_claim",
        "chase_carrier", "release_quarantine", "accept_columns",
        "resend", "match_case", "prioritise", "cancel_order", "request_pod", "report_incident",
    }
)  # fmt: skip
QUIET = ("snooze", "assign", "escalate", "comment", "link_case")


def case_panel(context: Context, row: Mapping[str, Any], names: Mapping[str, str]) -> None:
    """The whole panel."""
    mention_parts.opened(context, row)
    with st.container(border=True, key="case_panel"):
        _head(context, row, names)
        st.text(sentence(row, context.terms, context.labels, context.fmt))
        _state(context, row, names)
        done = done_about(context, [row["item_id"]]).get(row["item_id"], [])
        _done(context, done, names)
        _buttons(context, row, {one.verb for one in done})
        refund_parts.of_case(context, row)
        health_parts.of_case(context, row)
        link_parts.of_case(context, row, names)
        _evidence(context, row)
        timeline(context, history(context.ledger, item_id=row["item_id"]), names)


def _head(context: Context, row: Mapping[str, Any], names: Mapping[str, str]) -> None:
    t = context.terms
    count = countdown(row["due_at"], context.now, t, context.fmt, row.get("known_until_at"))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{plain(shown_entity(row, names))}**", width="content")
        severity = int(row["severity"] or 4)
        st.badge(t.code("severity", severity), color=SEVERITY_COLORS.get(severity, "gray"))
        if count.level != "none":
            st.badge(plain(count.text), color=count.color, icon=":material/timer:")
        level = priority.level(row["priority"])
        color = {"high": "red", "medium": "orange"}.get(level, "gray")
        with st.popover(plain(t("case.priority", n=row["priority"])), type="tertiary"):
            st.badge(t.code("priority", level), color=color)
            st.dataframe(
                pd.DataFrame(
                    {
                        t("case.part"): [t.code("priority_part", name) for name in priority.PARTS],
                        t("case.points"): [row[f"{name}_points"] for name in priority.PARTS],
                        t("case.most"): list(priority.PARTS.values()),
                    }
                ),
                hide_index=True,
                alt=t("case.points"),
                key="case_priority",
            )
        if int(row.get("episode_number") or 1) > 1:
            st.badge(t("case.again"), color="violet", icon=":material/replay:")
        if row["queue_code"] == "Q36" and context.policy.may_open(context.session.roles, "health"):
            st.page_link(
                "views/health.py", label=t("nav.health"), icon=":material/health_and_safety:"
            )
        if row["queue_code"] == "Q37" and context.policy.may_open(context.session.roles, "users"):
            st.page_link(
                "views/users.py", label=t("case.open_account"), icon=":material/manage_accounts:"
            )
        if row["queue_code"] == "Q34" and context.policy.may_open(
            context.session.roles, "statements"
        ):
            st.page_link(
                "views/statements.py",
                label=t("case.open_statements"),
                icon=":material/request_quote:",
                query_params=_statement_link(row),
            )
        if row["entity_type"] == "stock" and context.policy.may_open(
            context.session.roles, "stock"
        ):
            sku, _, warehouse = str(row["entity_id"]).rpartition("@")
            st.page_link(
                "views/stock.py",
                label=t("case.open_stock"),
                icon=":material/inventory_2:",
                query_params={"s": sku, "at": warehouse},
            )
        if row.get("order_id") and context.policy.may_open(context.session.roles, "order"):
            st.page_link(
                "views/order.py",
                label=t("case.open_order"),
                icon=":material/open_in_new:",
                query_params={"id": str(row["order_id"])},
            )


def _statement_link(row: Mapping[str, Any]) -> dict[str, str]:
    """The account a case of a statement is about, and the statement if it names one."""
    facts = {fact["name"]: fact["value"] for fact in (row.get("why") or {}).get("facts", ())}
    account = {"supplier": f"{facts.get('supplier_id')}|{row.get('currency_code') or ''}"}
    return account | ({"id": row["entity_id"]} if row["entity_type"] == "statement" else {})


def _state(context: Context, row: Mapping[str, Any], names: Mapping[str, str]) -> None:
    t = context.terms
    if row["status"] == "proposed":
        st.info(t("case.proposed"), icon=":material/group:")
    elif row["holder"]:
        mine = row["holder"] == context.session.user_id
        who = t("status.me") if mine else names.get(row["holder"], "–")
        since = context.fmt.duration(context.now - row["claimed_at"]) if row["claimed_at"] else ""
        st.caption(plain(t("case.held", by=who, since=since)))
    elif row["status"] == "snoozed" and row["snoozed_until"]:
        st.caption(plain(t("case.snoozed", time=context.fmt.time(row["snoozed_until"]))))


def _done(context: Context, done: Sequence[Done], names: Mapping[str, str]) -> None:
    """What colleagues have done about the case, so that nobody does it again unknowingly."""
    with st.container(horizontal=True, gap="xsmall"):
        for one in done:
            said = said_done(context, [one], names)
            st.badge(plain(said), color="green", icon=":material/done_all:")


def _buttons(context: Context, row: Mapping[str, Any], done: Collection[str]) -> None:
    """The usual decision first and filled; the rest quieter. Each shows its key or a tick."""
    t, code = context.terms, row["queue_code"]
    is_mine = row["holder"] == context.session.user_id
    if row["status"] == "proposed":
        verbs: tuple[str, ...] = ("approve", "refuse")
    else:
        fitting = [verb for verb in decisions_for(context, code) if fits(context, row, verb)]
        verbs = ("release" if is_mine else "claim", *fitting, *QUIET)
    able = [verb for verb in verbs if context.may(verb, code)]
    if not able:
        st.caption(t("case.read_only"))
        return
    main = _main(able, done)
    with st.container(horizontal=True, gap="xsmall"):
        for verb in able:
            st.button(
                t.code("verb", verb),
                key=f"do_{verb}",
                type="primary" if verb == main else "secondary",
                icon=f":material/{'done' if verb in done else _icon(context, verb)}:",
                shortcut="D" if verb == main else SHORTCUTS.get(verb),
                on_click=_chosen,
                args=(context, verb, row["item_id"]),
            )


def _main(able: Sequence[str], done: Collection[str]) -> str | None:
    """The usual thing to do; where that is done, what comes after it."""
    usual = next((verb for verb in able if verb in _USUAL), None)
    if usual not in done:
        return usual
    return next((verb for verb in able[able.index(usual) :] if verb not in done), None)


def _icon(context: Context, verb: str) -> str:
    work = context.policy.work(verb)
    return ICONS[verb] if work is None else WORK_ICONS[work.does or ""]


def _chosen(context: Context, verb: str, item_id: str) -> None:
    if verb in {"claim", "release", "approve"}:
        decide.at_once(context, verb, [item_id])
    else:
        decide.ask(verb, [item_id])


def _evidence(context: Context, row: Mapping[str, Any]) -> None:
    """What the rule compared with what, and when the case goes away by itself."""
    t, why, fmt = context.terms, row["why"], context.fmt
    if not why:
        return
    rule = str(why.get("rule") or "")
    named = next(
        (n for n in (context.labels(d, rule) for d in ("rule", "sla", "recon")) if n != rule), ""
    )
    with st.expander(t("case.why"), expanded=True, icon=":material/help_center:"):
        facts = [
            {
                t("case.fact"): _named(context, fact),
                t("case.value"): _shown(context, fact, row, "value"),
                t("case.limit"): _limit(context, fact, row),
            }
            for fact in why.get("facts", ())
        ]
        if facts:
            st.dataframe(pd.DataFrame(facts), hide_index=True, alt=t("case.why"), key="case_facts")
        st.caption(plain(t("case.leaves", when=_leaves(context, row))))
        version = why.get("version")
        said = t("case.rule", rule=f"{rule} {named}".strip(), version=version or "–")
        opened = t("case.opened", time=fmt.time(row["opened_at"]))
        st.caption(plain(f"{said} · {opened} · {context.snapshot.build_id}"))
        st.caption(plain(" · ".join(_prospect(context, row))))


def _leaves(context: Context, row: Mapping[str, Any]) -> str:
    """When a case goes away by itself; where a queue has several kinds, of its kind."""
    t, code = context.terms, str(row["why"].get("leaves_when") or "").upper()
    kind = f"{code}.{str(row['entity_type']).upper()}"
    return t.code("leaves", kind if t.has(f"leaves:{kind}") else code)


def _prospect(context: Context, row: Mapping[str, Any]) -> list[str]:
    """Up to when its sources were heard, how likely its promise breaks, how long it stood still."""
    t, fmt = context.terms, context.fmt
    heard = row.get("known_until_at") or context.snapshot.manifest.published_at
    told = [t("case.data_as_of", time=fmt.time(heard))]
    due = row["due_at"]
    if due is not None and due > context.now:
        told.append(t("case.chance", p=fmt.ratio(row["breach_points"] / priority.PARTS["breach"])))
    evidence = next(iter((row["why"] or {}).get("evidence") or ()), None)
    if evidence and (minutes := queue_query.paused_minutes(context.reader, evidence, due)):
        told.append(t("case.paused", time=fmt.duration(timedelta(minutes=minutes))))
    return told


def _named(context: Context, fact: Mapping[str, Any]) -> str:
    rule, _, name = str(fact.get("name") or "").rpartition(".")
    label = fact_label(name, context.terms)
    return f"{context.labels('rule', rule)} · {label}" if rule else label


def _shown(context: Context, fact: Mapping[str, Any], row: Mapping[str, Any], part: str) -> str:
    name = str(fact.get("name") or "").rpartition(".")[2]
    currency = row.get("currency_code")
    return value_text(name, fact.get(part), context.labels, context.fmt, currency)


def _limit(context: Context, fact: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    if fact.get("threshold") in (None, ""):
        return "–"
    return f"{fact.get('op') or ''} {_shown(context, fact, row, 'threshold')}".strip()


def _number(context: Context, entry: Entry) -> str | None:
    """The number a step is known by, or the level it gave."""
    if entry.verb == "change_threshold" and entry.args.get("quantity") is not None:
        return context.fmt.quantity(Decimal(str(entry.args["quantity"])))
    return entry.args.get("ticket") or entry.args.get("request_number")


def timeline(
    context: Context, entries: Sequence[Entry], names: Mapping[str, str], *, limit: int = 30
) -> None:
    """What people did, newest first; comments are theirs and shown as plain text."""
    t = context.terms
    if not entries:
        st.caption(t("case.no_history"))
        return
    st.markdown(f"**{t('case.history')}**")
    for entry in entries[:limit]:
        who = names.get(entry.actor_id, t("who.system"))
        what = " ".join(filter(None, (t.code("verb", entry.verb), _number(context, entry))))
        domain = "delivery" if entry.stream == "delivery" else "reason"
        reason = f" · {t.code(domain, entry.reason_code)}" if entry.reason_code else ""
        st.caption(plain(f"{context.fmt.time(entry.at)}  {who}  {what}{reason}"))
        if entry.comment:
            with st.container(border=True):
                st.text(entry.comment)
