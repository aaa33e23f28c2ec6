"""Parts of the refunds page: what an order can give back, asking for it, and deciding about it.

Every button ends in `act`; what it refuses is shown in words.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import streamlit as st

from dashboards import case_refunds
from dashboards.acting import take_step
from dashboards.components import frame, url
from dashboards.components.format import plain
from dashboards.components.grids import grid
from dashboards.context import Context
from dashboards.queries import refunds
from dashboards.queries.refunds import Account
from orderhouse.coins import places
from orderhouse.ledger import ObjectRef, RefundRequest, refund_deliveries, refund_requests_of

ENTITY = "refund_request"
# Queues whose cases a refund may decide.
QUEUES = frozenset({"Q05", "Q06", "Q11", "Q19", "Q24", "Q25", "Q26", "Q28", "Q29"})
COLUMNS = (
    "request_id", "refund_request_status", "order_id", "amount", "currency_code", "reason",
    "asked_by", "asked_at", "decided_by", "decided_at",
)  # fmt: skip
COLORS = {
    "proposed": "orange", "approved": "blue", "sent": "blue", "paid": "green", "refused": "gray",
    "withdrawn": "gray", "undelivered": "red", "bounced": "red", "failed": "gray",
}  # fmt: skip
STEPS: Mapping[str, tuple[str, ...]] = {
    "proposed": ("refund_approve", "refund_refuse", "refund_withdraw"),
    "approved": ("refund_stop",),
    "undelivered": ("refund_void",),
    "bounced": ("refund_void",),
    "sent": ("refund_void",),
}
# What is on its way is given up for one reason only; the ledger refuses any other.
ONLY_REASON = {"sent": ("paid_otherwise",)}
ICONS = {
    "refund_approve": "task_alt", "refund_refuse": "block", "refund_withdraw": "undo",
    "refund_stop": "front_hand", "refund_void": "money_off",
}  # fmt: skip
ASK = "refund_ask"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A request as it stands: the ledger's word, the receiver's answer, and the source's."""

    request: RefundRequest
    delivery: str | None
    told: str | None

    @property
    def status(self) -> str:
        if self.request.status != "approved":
            return self.request.status
        if self.told in {"succeeded", "failed"}:
            return "paid" if self.told == "succeeded" else "bounced"
        if self.delivery == "given_up":
            return "undelivered"
        return "sent" if self.delivery in {"answered", "refunded"} else "approved"


def shown(context: Context, requests: Sequence[RefundRequest]) -> list[Shown]:
    delivered = refund_deliveries(context.ledger, requests)
    told = refunds.told(context.reader, [one.request_id for one in requests])
    return [
        Shown(request=one, delivery=delivered.get(one.request_id), told=told.get(one.request_id))
        for one in requests
    ]


def waiting(context: Context) -> None:
    """A line for whoever may agree: refunds others asked for, with the way there."""
    if not context.may("refund_approve"):
        return
    mine, shops = context.session.user_id, context.session.shops
    others = [
        one
        for one in refund_requests_of(context.ledger, shops=shops)
        if one.status == "proposed" and one.asked_by != mine
    ]
    if others:
        st.page_link(
            "views/refunds.py",
            label=plain(context.terms("refunds.waiting", n=context.fmt.count(len(others)))),
            icon=":material/currency_exchange:",
            query_params={"request": others[0].request_id},
        )


def way_in(context: Context, order_id: str | None, case_id: str | None = None) -> None:
    """The link to the refunds of an order, for whoever may decide one."""
    if not order_id or not context.policy.may_open(context.session.roles, "refunds"):
        return
    case = {"case": case_id} if case_id else {}
    st.page_link(
        "views/refunds.py",
        label=context.terms("refunds.open_order"),
        icon=":material/currency_exchange:",
        query_params={"o": order_id} | case,
    )


def of_case(context: Context, row: Mapping[str, Any]) -> None:
    """The way in from a case that a refund may decide."""
    if row["queue_code"] in QUEUES:
        _asked_for(context, row.get("order_id"))
        case = str(row["entity_id"]) if row["entity_type"] == "case" else None
        way_in(context, row.get("order_id"), case)


def _asked_for(context: Context, order_id: str | None) -> None:
    """The refunds of the order that were asked for here, and where each stands."""
    if not order_id:
        return
    t, rows = context.terms, refund_requests_of(context.ledger, order_id=order_id)
    with st.container(horizontal=True, gap="xsmall"):
        for one in shown(context, rows):
            told = [one.request.request_id, t.code("refund_request_status", one.status)]
            if context.sees("money"):
                amount, currency = one.request.amount, one.request.currency_code
                told.insert(1, context.fmt.money(amount, currency))
            st.badge(
                plain(" · ".join(told)), color=COLORS.get(one.status, "gray"),
                icon=":material/currency_exchange:",
            )  # fmt: skip


def ask(context: Context, account: Account, requests: Sequence[RefundRequest]) -> None:
    """What there is to give back, and the form: how much and why."""
    t, fmt, rest = context.terms, context.fmt, account.rest(requests)
    currency, sees = account.currency_code, context.sees("money")
    with st.container(border=True, key="refund_ask"):
        st.markdown(f"**{plain(t('refunds.ask', order=account.order_id))}**")
        if sees:
            under_way = account.elsewhere_amount + account.here(requests)
            told = {
                t.code("column", "captured_amount"): account.captured_amount,
                t.code("column", "refunded_amount"): account.refunded_amount,
                t("refunds.under_way"): under_way,
                t("refunds.rest"): rest,
            }
            frame.facts([(name, fmt.money(amount, currency)) for name, amount in told.items()])
        if not context.may(ASK):
            return
        if rest <= 0:
            st.caption(t("refunds.nothing_left"))
            return
        _form(context, account, rest)


def _form(context: Context, account: Account, rest: Decimal) -> None:
    t, currency, sees = context.terms, account.currency_code, context.sees("money")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if sees:
            digits = places(currency)
            st.number_input(
                plain(t("refunds.amount", currency=currency)), value=0.0, min_value=0.0,
                step=10.0**-digits, format=f"%.{digits}f", key="refund_amount", width=170,
            )  # fmt: skip
        st.selectbox(
            t("act.reason"), context.policy.reasons[ASK],
            format_func=lambda code: t.code("reason", code), key="refund_reason", width=200,
        )  # fmt: skip
        st.text_input(t("act.note"), key="refund_note", max_chars=500, width=260)
        st.button(
            t("refunds.submit") if sees else t("refunds.submit_rest"),
            key="refund_submit", type="primary", icon=":material/send:",
            on_click=_asked, args=(context, account, rest),
        )  # fmt: skip
    most = context.policy.refund_limit(context.session.roles, currency)
    if sees and most:
        st.caption(plain(t("refunds.limit", n=context.fmt.money(most, currency))))
    else:
        st.caption(t("refunds.always_second"))


def _asked(context: Context, account: Account, rest: Decimal) -> None:
    # What was typed may come in the same message as the click: it is read here, not when drawn.
    state = st.session_state
    name = state.setdefault("new_refund", f"OHR-{secrets.token_hex(6).upper()}")
    digits = places(account.currency_code)
    typed = f"{float(state.get('refund_amount') or 0):.{digits}f}"
    args = {
        "amount": typed if context.sees("money") else f"{rest:.{digits}f}",
        "currency_code": account.currency_code,
        "reason_code": state.get("refund_reason"),
        "comment": str(state.get("refund_note") or "").strip(),
        "case_id": url.read("case"),
        **case_refunds.known(account),
    }
    kept = {key: value for key, value in args.items() if value != ""}
    if _act(context, _ref(name, account.order_id, account.shop_id), 0, ASK, kept):
        del state["new_refund"]
        for key in ("refund_amount", "refund_note"):
            state.pop(key, None)
        st.query_params["request"] = name


def _ref(name: str, order_id: str | None, shop_id: str | None) -> ObjectRef:
    return ObjectRef(
        queue_code=None, item_id=name, entity_type=ENTITY, entity_id=name, order_id=order_id,
        shop_id=shop_id,
    )  # fmt: skip


def _act(
    context: Context, document: ObjectRef, version: int, verb: str, args: Mapping[str, Any]
) -> bool:
    t = context.terms
    if problem := take_step(context, document, version, verb, args):
        frame.say(problem, "bad")
        return False
    frame.say(t("stock.done", verb=t.code("verb", verb), id=document.entity_id))
    return True


def listed(context: Context, rows: Sequence[Shown], names: Mapping[str, str]) -> Shown | None:
    """The requests, and the one that is open: the one of the address, else the first."""
    t = context.terms
    if not rows:
        frame.empty(t("refunds.none"), t("refunds.none_hint"), ":material/task_alt:")
        return None
    sees = context.sees("money")
    columns = [name for name in COLUMNS if sees or name != "amount"]
    grid(
        context, [_row(context, one, names) for one in rows], columns, key="refund_requests",
        alt=t("nav.refunds"), height=240 if len(rows) > 5 else "auto",
    )  # fmt: skip
    by_id = {one.request.request_id: one for one in rows}
    opened = by_id.get(url.read("request"), rows[0])
    st.selectbox(
        t("stock.open"), list(by_id), format_func=lambda name: _title(context, by_id[name]),
        key="refund_open", on_change=url.bound("refund_open", "request", opened.request.request_id),
        width=520,
    )  # fmt: skip
    return opened


def _title(context: Context, row: Shown) -> str:
    status = context.terms.code("refund_request_status", row.status)
    return f"{row.request.request_id} · {row.request.order_id} · {status}"


def _row(context: Context, row: Shown, names: Mapping[str, str]) -> dict[str, Any]:
    one = row.request
    told = {name: getattr(one, name) for name in COLUMNS if hasattr(one, name)}
    return told | {
        "refund_request_status": row.status,
        "reason": context.terms.code("reason", one.reason_code),
        "asked_by": names.get(one.asked_by or "", one.asked_by),
        "decided_by": names.get(one.decided_by or "", one.decided_by),
    }


def panel(context: Context, row: Shown, names: Mapping[str, str]) -> None:
    """One request: where it stands, who did what, what comes next."""
    t, fmt, one = context.terms, context.fmt, row.request
    with st.container(border=True, key="refund_panel"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{plain(one.request_id)}**", width="content")
            st.badge(
                t.code("refund_request_status", row.status), color=COLORS.get(row.status, "gray")
            )
            if context.sees("money"):
                st.text(fmt.money(one.amount, one.currency_code), width="content")
            if one.order_id and context.policy.may_open(context.session.roles, "order"):
                st.page_link(
                    "views/order.py", label=plain(one.order_id),
                    icon=":material/open_in_new:", query_params={"id": one.order_id},
                )  # fmt: skip
        for moment, who, what in (
            (one.asked_at, one.asked_by, "stock.proposed"),
            (one.decided_at, one.decided_by, "stock.decided"),
        ):
            if moment is not None:
                by = names.get(who or "", "")
                st.caption(plain(f"{t(what)} {fmt.time(moment)} {by}".strip()))
        if row.status in STEPS:
            st.caption(t(f"refunds.hint.{row.status}"))
        _steps(context, row)


def _steps(context: Context, row: Shown) -> None:
    t, one = context.terms, row.request
    is_mine = one.asked_by == context.session.user_id
    # Whoever asked for it is not offered what needs another person; `act` refuses it anyway.
    barred = {"refund_approve", "refund_refuse"} if is_mine else {"refund_withdraw"}
    able = [verb for verb in STEPS.get(row.status, ()) if context.may(verb) and verb not in barred]
    if not able:
        return
    reasoned = next((verb for verb in able if verb in context.policy.reasons), None)
    if reasoned:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.selectbox(
                t("refunds.reason_of", verb=t.code("verb", reasoned)),
                ONLY_REASON.get(row.status, context.policy.reasons[reasoned]),
                format_func=lambda item: t.code("reason", item), key=f"{reasoned}_reason",
                width=240,
            )  # fmt: skip
            st.text_input(t("act.note"), key="refund_step_note", max_chars=500)
    with st.container(horizontal=True, gap="xsmall"):
        for verb in able:
            st.button(
                t.code("verb", verb), key=f"do_{verb}", icon=f":material/{ICONS[verb]}:",
                type="primary" if verb == able[0] else "secondary",
                on_click=_stepped, args=(context, row, verb),
            )  # fmt: skip


def _stepped(context: Context, row: Shown, verb: str) -> None:
    state, one = st.session_state, row.request
    args: dict[str, Any] = {}
    if verb == "refund_approve":
        account = refunds.account(context.reader, one.order_id or "")
        if account is None:
            frame.say(context.terms("refund.needs_order"), "bad")
            return
        args = case_refunds.known(account)
    elif verb in context.policy.reasons:
        note = str(state.get("refund_step_note") or "").strip()
        args = {"reason_code": str(state.get(f"{verb}_reason"))}
        args |= {"comment": note} if note else {}
    if verb == "refund_void" and row.told == "failed":
        args["told_status"] = "failed"
    _act(context, _ref(one.request_id, one.order_id, one.shop_id), one.version, verb, args)
