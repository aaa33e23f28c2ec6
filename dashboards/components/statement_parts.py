"""Parts of the page of supplier statements: the account, the lines to choose, one statement.

Every button ends in `act`; what it refuses is shown in words.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from dashboards.acting import take_step
from dashboards.components import frame
from dashboards.components.format import plain
from dashboards.components.grids import cell, grid
from dashboards.context import Context
from dashboards.supplier_accounts import Account, Line, total
from orderhouse.ledger import ObjectRef, Statement

SHOWN = 2_000
COLUMNS = (
    "line_kind", "owed_at", "order_id", "case_id", "sku", "tracking_number", "quantity", "amount",
)  # fmt: skip
COLORS = {
    "draft": "gray", "submitted": "orange", "approved": "green", "rejected": "red", "paid": "blue",
}  # fmt: skip
# What may be done to a statement in each state, the usual first.
STEPS: Mapping[str, tuple[str, ...]] = {
    "draft": ("statement_submit",),
    "submitted": ("statement_approve", "statement_reject"),
    "approved": ("statement_pay",),
}
ICONS = {
    "statement_submit": "send", "statement_approve": "task_alt", "statement_reject": "block",
    "statement_pay": "payments",
}  # fmt: skip
QUEUE = "Q34"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The table of lines: what it shows, what it ticks at first, and what is ticked now.

    `kept` are lines of the statement that the table does not show, such as those of other months:
    saving what is seen must not lose what is not.
    """

    key: str
    shown: tuple[Line, ...]
    ticked: tuple[int, ...]
    kept: tuple[Line, ...] = ()

    def lines(self) -> list[Line]:
        state = st.session_state.get(self.key)
        rows = self.ticked if state is None else state["selection"]["rows"]
        return [*(self.shown[at] for at in rows if at < len(self.shown)), *self.kept]


def account_cards(context: Context, account: Account) -> None:
    """What was shipped, what comes off it, what remains; and how old what is free has become."""
    t, fmt, currency = context.terms, context.fmt, account.currency_code
    figures = (
        ("shipped", account.shipped()), ("returned", account.returned()),
        ("borne", account.borne()), ("reconciled", account.reconciled()),
        ("remaining", account.remaining()),
    )  # fmt: skip
    with st.container(border=True), st.grid(5, min_column_width=150):
        for name, amount in figures:
            held = t("statements.held", x=fmt.money(account.in_statement(), currency))
            st.metric(
                t(f"statements.{name}"),
                fmt.money(amount, currency),
                help=held if name == "remaining" else None,
            )
    st.markdown(f"**{t('statements.ages')}**")
    with st.grid(4, min_column_width=150):
        for age in account.ages(context.now):
            st.metric(
                t.code("age_bucket", age.code),
                fmt.money(age.amount, currency),
                help=t("statements.lines", n=fmt.count(age.count)),
                border=True,
            )


def month_of(context: Context, line: Line) -> str:
    return context.fmt.local(line["owed_at"]).strftime("%Y-%m")


def choose_lines(
    context: Context, account: Account, month: str, statement: Statement | None
) -> Choice:
    """A table with a box a line, all ticked at first; a statement's own lines when it has some."""
    t = context.terms
    offered = account.offered(statement)
    own = {line.line_id for line in statement.lines} if statement else set()
    lines = [line for line in offered if month in ("", month_of(context, line))]
    shown = list(lines[:SHOWN])
    seen = {line["line_id"] for line in shown}
    kept = tuple(line for line in offered if line["line_id"] in own and line["line_id"] not in seen)
    if not lines:
        frame.empty(t("statements.none_free"), icon=":material/task_alt:")
        return Choice(key="", shown=(), ticked=(), kept=kept)
    if len(lines) > SHOWN:
        st.caption(plain(t("statements.first", n=SHOWN, all=len(lines))))
    ticked = [at for at, line in enumerate(shown) if not own or line["line_id"] in own]
    columns = [name for name in COLUMNS if name in shown[0]]
    names = hashlib.sha256("|".join(line["line_id"] for line in shown).encode()).hexdigest()[:12]
    key = f"owed_{statement.statement_id if statement else 'new'}_{names}"
    st.dataframe(
        pd.DataFrame({name: [cell(context, name, row) for row in shown] for name in columns}),
        key=key,
        hide_index=True,
        column_config={
            name: st.column_config.TextColumn(
                t.code("column", name),
                alignment="right" if name in {"amount", "quantity"} else None,
            )
            for name in columns
        },
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": ticked}},
        height=min(35 * len(shown) + 40, 420),
        placeholder="–",
        alt=t("statements.choose"),
    )
    return Choice(key=key, shown=tuple(shown), ticked=tuple(ticked), kept=kept)


def draft_button(
    context: Context, account: Account, choice: Choice, statement: Statement | None
) -> None:
    """The total of what is ticked, and the button that makes a draft of it."""
    t, fmt = context.terms, context.fmt
    chosen = choice.lines()
    amount = fmt.money(total(chosen), account.currency_code)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            plain(t("statements.total", n=fmt.count(len(chosen)), x=amount)), width="content"
        )
        if not context.may("statement_draft", QUEUE):
            return
        label = t("statements.create") if statement is None else t("statements.save")
        st.button(
            label,
            key="statement_draft",
            type="primary",
            icon=":material/edit_document:",
            disabled=not chosen and statement is None,
            on_click=_drafted,
            args=(context, account, choice, statement),
        )


def _drafted(
    context: Context, account: Account, choice: Choice, statement: Statement | None
) -> None:
    # One name until it is made: a double click is one statement.
    name = st.session_state.setdefault("new_statement", f"st-{secrets.token_hex(6)}")
    if statement is not None:
        name = statement.statement_id
    args = {
        "supplier_id": account.supplier_id,
        "currency_code": account.currency_code,
        "lines": [[one["line_id"], one["line_kind"], str(one["amount"])] for one in choice.lines()],
    }
    if _act(context, name, statement.version if statement else 0, "statement_draft", args):
        st.session_state.pop("new_statement", None)
        st.query_params["id"] = name


def _act(context: Context, name: str, version: int, verb: str, args: Mapping[str, Any]) -> bool:
    t = context.terms
    document = ObjectRef(queue_code=QUEUE, item_id=name, entity_type="statement", entity_id=name)
    if problem := take_step(context, document, version, verb, args):
        frame.say(problem, "bad")
        return False
    frame.say(t("statements.done", verb=t.code("verb", verb), id=name))
    return True


def statement_panel(
    context: Context, account: Account, statement: Statement, names: Mapping[str, str]
) -> None:
    """One statement: where it stands, who did what, what comes next, its lines."""
    t, fmt = context.terms, context.fmt
    with st.container(border=True, key="statement_panel"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{plain(statement.statement_id)}**", width="content")
            color = COLORS.get(statement.status, "gray")
            st.badge(t.code("statement_status", statement.status), color=color)
            amount = fmt.money(statement.total_amount, statement.currency_code)
            st.markdown(
                plain(t("statements.total", n=fmt.count(len(statement.lines)), x=amount)),
                width="content",
            )
        for moment, who, what in (
            (statement.created_at, statement.created_by, "drafted"),
            (statement.submitted_at, statement.submitted_by, "submitted"),
            (statement.decided_at, statement.decided_by, "decided"),
            (statement.paid_at, None, "paid"),
        ):
            if moment is not None:
                by = names.get(who or "", "")
                st.caption(plain(f"{t(f'statements.{what}')} {fmt.time(moment)} {by}".strip()))
        _steps(context, statement)
        known = {line["line_id"]: line for line in account.lines}
        rows = [
            {**known.get(line.line_id, {}), "line_kind": line.kind, "amount": line.amount,
             "currency_code": statement.currency_code, "owed_at": None}
            | ({"owed_at": known[line.line_id]["owed_at"]} if line.line_id in known else {})
            for line in statement.lines
        ]  # fmt: skip
        if rows:
            grid(context, rows, COLUMNS, key="statement_lines", alt=t("statements.its_lines"))


def _steps(context: Context, statement: Statement) -> None:
    t = context.terms
    able = [verb for verb in STEPS.get(statement.status, ()) if context.may(verb, QUEUE)]
    if not able:
        return
    if "statement_reject" in able:
        _reason(context)
    with st.container(horizontal=True, gap="xsmall"):
        for verb in able:
            st.button(
                t.code("verb", verb),
                key=f"do_{verb}",
                type="primary" if verb == able[0] else "secondary",
                icon=f":material/{ICONS[verb]}:",
                on_click=_stepped,
                args=(context, statement, verb),
            )


def _reason(context: Context) -> None:
    """Why it would be rejected; asked beforehand, so that rejecting is one click."""
    t = context.terms
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            t("statements.reject_reason"),
            context.policy.reasons["statement_reject"],
            format_func=lambda item: t.code("reason", item),
            key="statement_reason",
            width=240,
        )
        st.text_input(t("act.note"), key="statement_note", max_chars=500)


def _stepped(context: Context, statement: Statement, verb: str) -> None:
    # What was typed may come in the same message as the click: it is read here, not when drawn.
    args: dict[str, str] = {}
    if verb == "statement_reject":
        note = str(st.session_state.get("statement_note") or "").strip()
        args = {"reason_code": str(st.session_state.get("statement_reason"))}
        args |= {"comment": note} if note else {}
    _act(context, statement.statement_id, statement.version, verb, args)
