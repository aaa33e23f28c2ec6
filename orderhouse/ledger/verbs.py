"""What each verb does to a case: pure functions from a state and arguments to the next state.

A handler refuses with `Invalid` or `Conflict` and touches no database. Who may use a verb,
versions, second persons and writing are `actions`' business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from orderhouse.access import Policy
from orderhouse.ledger.cases import CaseState
from orderhouse.ledger.errors import Conflict, Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One request to move a case: who, what with, when, and under which policy."""

    verb: str
    actor_id: str
    reason_code: str | None
    args: Mapping[str, Any]
    now: datetime
    policy: Policy

    def minutes(self, name: str) -> timedelta:
        return timedelta(minutes=self.policy.limits[name])


Handler = Callable[[CaseState, Move], CaseState]

# What a decision about a difference is made on: which, and what both sides had.
_ON_BREAK = frozenset({"recon_code", "match_key", "currency_code", "left_amount", "right_amount"})
# What lay there when it was decided, and up to which row of the chain that was known.
_ON_BOOK = frozenset({"book_quantity", "seen_seq"})
# What was there to give back when it was decided; `counted`: our requests that are in it already.
_ON_ACCOUNT = frozenset({"captured_amount", "refunded_amount", "under_way_amount", "counted"})
_IN_PLACE = frozenset({"sku", "warehouse_id", "lot"})

# What each of three bears of a compensation; of which article, and whose that is.
PARTS = ("supplier_amount", "ecom_amount", "platform_amount")
_BORNE = frozenset({*PARTS, "sku", "supplier_id", "currency_code"})

# Arguments each verb takes besides `reason_code` and `comment`.
ARGUMENTS: dict[str, frozenset[str]] = {
    "assign": frozenset({"to"}),
    "escalate": frozenset({"to"}),
    "comment": frozenset({"mentions"}),
    "link_case": frozenset({"other_item_id", "other_queue_code", "other_entity_id"}),
    "snooze": frozenset({"until"}),
    "release_hold": frozenset({"hold_type"}),
    "stock_short": frozenset({"quantity"}),
    "breach_likely": frozenset(
        {"forecast_probability", "forecast_limit", "forecast_count", "forecast_basis"}
    ),
    "undo": frozenset({"action_id"}),
    "statement_draft": frozenset({"supplier_id", "currency_code", "lines"}),
    "stock_adjust": _ON_BOOK | _IN_PLACE | {"quantity"},
    "stock_count": _ON_BOOK | _IN_PLACE | {"counted_quantity"},
    "stock_transfer": _ON_BOOK | _IN_PLACE | {"quantity", "to_warehouse_id"},
    "stock_approve": _ON_BOOK,
    "stock_receive": frozenset({"quantity"}),
    "stock_write_off": frozenset({"quantity"}),
    "refund_ask": _ON_ACCOUNT | {"amount", "currency_code", "case_id"},
    "refund_approve": _ON_ACCOUNT,
    "refund_void": frozenset({"told_status"}),
    **dict.fromkeys(
        ("explain_break", "adjust_break", "claim_break", "write_off"), _ON_BREAK | {"parts"}
    ),
    "reopen_break": _ON_BREAK,
    "match_manually": _ON_BREAK | {"members", "suggestion_id"},
    "reject_match": _ON_BREAK | {"suggestion_id"},
}


def _must_be_open(state: CaseState) -> None:
    if state.is_decided:
        raise Invalid("ledger.already_decided", resolution=state.resolution)


def _must_be_free(state: CaseState, move: Move) -> None:
    holder = state.holder(move.now)
    if holder not in (None, move.actor_id):
        raise Conflict("ledger.claimed_by_other", by=holder, at=state.claimed_at)


def _held(state: CaseState, holder: str, move: Move) -> CaseState:
    return replace(
        state,
        claimed_by=holder,
        claimed_at=move.now,
        claim_expires_at=move.now + move.minutes("claim_minutes"),
    )


def _unheld(state: CaseState) -> CaseState:
    return replace(state, claimed_by=None, claimed_at=None, claim_expires_at=None)


def claim(state: CaseState, move: Move) -> CaseState:
    """Take a case for a while; the holder's second claim renews it."""
    _must_be_open(state)
    _must_be_free(state, move)
    woken = (
        replace(state, status="open", snoozed_until=None) if state.status == "snoozed" else state
    )
    return _held(woken, move.actor_id, move)


def release(state: CaseState, move: Move) -> CaseState:
    _must_be_open(state)
    if state.holder(move.now) != move.actor_id:
        raise Invalid("ledger.not_yours")
    return _unheld(state)


def assign(state: CaseState, move: Move) -> CaseState:
    """Give a case to somebody, whoever holds it. `actions` has checked that they may."""
    _must_be_open(state)
    return _held(state, str(move.args["to"]), move)


def escalate(state: CaseState, move: Move) -> CaseState:
    """Hand a case up, unless somebody else works on it."""
    _must_be_open(state)
    _must_be_free(state, move)
    return _held(replace(state, status="open", snoozed_until=None), str(move.args["to"]), move)


def snooze(state: CaseState, move: Move) -> CaseState:
    _must_be_open(state)
    _must_be_free(state, move)
    until = _time(move.args.get("until"))
    latest = move.now + timedelta(days=move.policy.limits["snooze_days_most"])
    if not move.now < until <= latest:
        raise Invalid("ledger.snooze_range", days=move.policy.limits["snooze_days_most"])
    return replace(_unheld(state), status="snoozed", snoozed_until=until)


def state_fact(state: CaseState, move: Move) -> CaseState:
    """Something was seen about what the case is about; the case itself stays as it is."""
    _must_be_open(state)
    return state


def re_push(state: CaseState, move: Move) -> CaseState:
    """Ask for another try; the case comes back when the other side has not answered in time."""
    _must_be_open(state)
    _must_be_free(state, move)
    until = move.now + move.minutes("re_push_minutes")
    return replace(_unheld(state), status="snoozed", snoozed_until=until)


def chase_supplier(state: CaseState, move: Move) -> CaseState:
    """Ask the supplier again; the case comes back when it has not shipped after some hours."""
    _must_be_open(state)
    _must_be_free(state, move)
    until = move.now + move.minutes("chase_supplier_minutes")
    return replace(_unheld(state), status="snoozed", snoozed_until=until)


def noted(state: CaseState, move: Move) -> CaseState:
    """Something was done; the case stays until what it waits for has happened."""
    _must_be_open(state)
    _must_be_free(state, move)
    return state


def waited(state: CaseState, move: Move) -> CaseState:
    """Somebody else is asked; the case comes back when nothing has come of it in time."""
    _must_be_open(state)
    _must_be_free(state, move)
    work = move.policy.work(move.verb)
    until = move.now + timedelta(minutes=work.minutes if work else 0)
    return replace(_unheld(state), status="snoozed", snoozed_until=until)


def _time(value: Any) -> datetime:
    try:
        parsed = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise Invalid("ledger.bad_time") from error
    if parsed.tzinfo is not None:
        raise Invalid("ledger.bad_time")
    return parsed


def reopen(state: CaseState, move: Move) -> CaseState:
    """Take up again what was decided, or what a known reason accounts for."""
    if state.status in {"snoozed", "proposed"}:
        raise Invalid("recon.is_open")
    return replace(_unheld(state), status="open", resolution=None, decided_by=None, decided_at=None)


def _decided(status: str) -> Handler:
    def decide(state: CaseState, move: Move) -> CaseState:
        _must_be_open(state)
        _must_be_free(state, move)
        kept = move.reason_code if move.verb in {"resolve", "dismiss"} else move.verb
        return replace(
            _unheld(state),
            status=status,
            snoozed_until=None,
            resolution=kept,
            decided_by=move.actor_id,
            decided_at=move.now,
            proposal=None,
        )

    return decide


HANDLERS: dict[str, Handler] = {
    "claim": claim,
    "release": release,
    "assign": assign,
    "escalate": escalate,
    "snooze": snooze,
    "re_push": re_push,
    "chase_supplier": chase_supplier,
    "switch_supplier": _decided("resolved"),
    "approve_exception": _decided("resolved"),
    "resolve": _decided("resolved"),
    "dismiss": _decided("dismissed"),
    "justify": _decided("resolved"),
    "confirm_access": _decided("resolved"),
    "stock_short": state_fact,
    "stock_reached": state_fact,
    "breach_likely": state_fact,
    "review_pass": _decided("resolved"),
    "review_reject": _decided("resolved"),
    "review_hold": _decided("resolved"),
    "release_hold": _decided("resolved"),
    "merge_orders": _decided("resolved"),
    "finance_pass": _decided("resolved"),
    "finance_return": _decided("resolved"),
    "allow_once": _decided("resolved"),
    "blacklist_add": _decided("resolved"),
    "whitelist_add": _decided("resolved"),
    "match_manually": _decided("resolved"),
    "explain_break": _decided("resolved"),
    "adjust_break": _decided("resolved"),
    "claim_break": _decided("resolved"),
    "write_off": _decided("resolved"),
    "reopen_break": reopen,
    "reject_match": state_fact,
    "link_case": state_fact,
}
# What is done about a case, by what the policy says becomes of it.
_WORK: dict[str, Handler] = {"note": noted, "wait": waited, "settle": _decided("resolved")}


# A code of others and what it stands for here.
CODE = ("code_stream", "code_party", "code_raw", "code_meaning")


def handler_of(verb: str, policy: Policy) -> Handler:
    """What a verb does to a case: of its own, else as the policy says of work."""
    work = policy.work(verb)
    return HANDLERS[verb] if work is None else _WORK[work.does or ""]


def arguments_of(verb: str, policy: Policy) -> frozenset[str]:
    work = policy.work(verb)
    if work is None:
        return ARGUMENTS.get(verb, frozenset())
    wholes = {
        "bearers": _BORNE,
        "code": frozenset(CODE),
        "refund": _ON_ACCOUNT | {"amount", "currency_code"},
        "transfer": _ON_BOOK | _IN_PLACE | {"quantity", "to_warehouse_id"},
    }
    asked = [wholes.get(name, {name}) for name in work.asks]
    return frozenset().union(*asked)


# Verbs whose effect the pipelines fold in as events.
NOT_EXPORTED = ("comment", "propose", "refuse")
# How messages to other systems ended; a try that will be repeated has not ended.
DELIVERY_ENDS = ("delivery_answered", "delivery_given_up", "delivery_superseded")
REVIEW_VERBS = frozenset(
    {
        "review_pass", "review_reject", "review_hold", "release_hold", "merge_orders",
        "finance_pass", "finance_return", "allow_once", "blacklist_add", "whitelist_add",
    }
)  # fmt: skip
# Decisions about a difference of a reconciliation, each on the amounts it had.
BREAK_VERBS = frozenset(
    {
        "match_manually", "explain_break", "adjust_break", "claim_break", "write_off",
        "reopen_break", "reject_match",
    }
)  # fmt: skip
# What is done to a statement with a supplier, which is a document and no case.
STATEMENT_VERBS = frozenset(
    {
        "statement_draft", "statement_submit", "statement_approve", "statement_reject",
        "statement_pay",
    }
)  # fmt: skip
# What is asked for and agreed to about stock: a document too.
STOCK_VERBS = frozenset(
    {
        "stock_adjust", "stock_count", "stock_transfer", "stock_approve", "stock_refuse",
        "stock_withdraw", "stock_receive", "stock_write_off",
    }
)  # fmt: skip
# A refund that is asked for, agreed to and sent: a document as well.
REFUND_VERBS = frozenset(
    {
        "refund_ask", "refund_approve", "refund_refuse", "refund_withdraw", "refund_stop",
        "refund_void",
    }
)  # fmt: skip
# Verbs about documents. Their steps are answered by the next step, never taken back.
DOCUMENT_VERBS = STATEMENT_VERBS | STOCK_VERBS | REFUND_VERBS
CASE_VERBS = frozenset(HANDLERS) | {"comment", "undo", "approve", "refuse"} | DOCUMENT_VERBS
