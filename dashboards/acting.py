"""From a button to the ledger: one case or many, each through `act`, each with its own answer.

Holds no rule. What may be done is asked of the policy to draw the right buttons; whether it is done
is decided in the ledger.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from dashboards import case_refunds
from dashboards.context import Context
from dashboards.differences import as_parts
from dashboards.overlay import overlay_table
from dashboards.queries import recon, returns
from dashboards.queries.queue import Desk
from dashboards.standing import standing_table
from dashboards.warehouse import last_attempt
from orderhouse import ledger
from orderhouse.ledger import (
    BREAK_VERBS,
    ActResult,
    Done,
    LedgerError,
    ObjectRef,
    act,
    names_of,
)

# What decides a case of a queue, the usual one first; elsewhere it is resolved. What else may be
# done about it is in the policy.
DECISIONS = {
    "Q03": ("merge_orders", "release_hold", "review_reject", "dismiss"),
    "Q07": ("review_pass", "review_hold", "review_reject", "dismiss"),
    "Q08": ("finance_pass", "finance_return"),
    "Q09": ("release_hold", "review_reject"),
    "Q10": ("allow_once", "review_hold", "review_reject", "blacklist_add", "whitelist_add"),
    "Q20": ("chase_supplier", "switch_supplier", "approve_exception", "dismiss"),
    "Q21": ("re_push", "resolve", "dismiss"),
    "Q33": ("explain_break", "adjust_break", "claim_break", "write_off"),
    # What happened cannot be undone, only explained.
    "Q32": ("justify", "dismiss"),
    "Q37": ("confirm_access",),
}

# Whose states a refusal names.
STATES = {
    "statement.wrong_state": "statement_status",
    "stock.wrong_state": "stock_request_status",
    "refund.wrong_state": "refund_request_status",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What happened to one case."""

    row: Mapping[str, Any]
    result: ActResult | None
    problem: str | None

    @property
    def is_ok(self) -> bool:
        return self.result is not None


# What is done to one hold of an order, named with it.
_ABOUT_HOLDS = frozenset({"release_hold", "extend_hold"})
# Besides what the policy calls work: what is asked of others while the case stays.
_ASKED = frozenset({"re_push", "chase_supplier"})


def done_about(context: Context, item_ids: Sequence[str]) -> dict[str, list[Done]]:
    """item_id -> what was done about it that did not settle it, by anybody, the latest first."""
    verbs = {verb.code for verb in context.policy.verbs.values() if verb.does in ("note", "wait")}
    return ledger.done_about(context.ledger, item_ids, verbs | _ASKED)


def desk_of(context: Context) -> Desk:
    # A button's callback holds the context of the run that drew it, so the clock is read here.
    now = context.settings.clock()
    return Desk(
        reader=context.reader,
        overlay=overlay_table(context.ledger, context.snapshot, now),
        user_id=context.session.user_id,
        now=now,
        standing=standing_table(last_attempt(context.settings)),
    )


def ref_of(row: Mapping[str, Any]) -> ObjectRef:
    return ObjectRef(
        queue_code=row["queue_code"],
        item_id=row["item_id"],
        entity_type=row["entity_type"],
        entity_id=row["entity_id"],
        order_id=row.get("order_id"),
        shop_id=row.get("shop_id"),
        amount=row.get("at_risk_amount"),
        currency_code=row.get("currency_code"),
    )


def perform(
    context: Context,
    rows: Sequence[Mapping[str, Any]],
    verb: str,
    args: Mapping[str, Any],
    batch_key: str,
) -> list[Outcome]:
    """Do one verb to each case. A second click with the same `batch_key` does nothing twice."""
    return [_one(context, row, verb, args, batch_key) for row in rows]


def _one(
    context: Context,
    row: Mapping[str, Any],
    verb: str,
    args: Mapping[str, Any],
    batch_key: str,
) -> Outcome:
    ref = ref_of(row)
    if case_id := args.get("case_id"):
        # The decision is read with the order whose case it is.
        ref = replace(ref, order_id=returns.order_of(context.reader, case_id) or ref.order_id)
    key = hashlib.sha256(f"{batch_key}|{verb}|{row['item_id']}".encode()).hexdigest()[:40]
    try:
        result = act(
            context.ledger,
            context.session,
            verb=verb,
            object=ref,
            args=_with_facts(context, row, verb, args),
            expected_version=int(row["version"]),
            idempotency_key=key,
            now=context.settings.clock(),
            snapshot_id=context.snapshot.build_id,
        )
    except LedgerError as error:
        return Outcome(row=row, result=None, problem=refusal(context, error))
    return Outcome(row=row, result=result, problem=None)


def _with_facts(
    context: Context, row: Mapping[str, Any], verb: str, args: Mapping[str, Any]
) -> dict[str, Any]:
    """What somebody said, with what the decision is made on."""
    if verb in _ABOUT_HOLDS and (hold_type := _hold_type(row)):
        return {**args, "hold_type": hold_type}
    if case_refunds.asks(context, verb):
        return case_refunds.args_of(context, row, args)
    if verb not in BREAK_VERBS:
        return dict(args)
    told = {**break_args(row), **row.get("decided_with", {}).get(verb, {}), **args}
    if verb in DECISIONS["Q33"] and "break_id" not in row:  # a case of the queue
        now = context.settings.clock()
        if parts := recon.parts(context.reader, row["entity_id"], now):
            told["parts"] = as_parts(parts)
    return told


def break_args(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a decision about a difference is made on, from its case or from its own row."""
    facts = {fact["name"]: fact["value"] for fact in (row.get("why") or {}).get("facts", ())}
    names = ("recon_code", "match_key", "left_amount", "right_amount")
    told = {name: str(row.get(name, facts.get(name))) for name in names}
    return told | {"currency_code": row.get("currency_code") or ""}


def _hold_type(row: Mapping[str, Any]) -> str | None:
    """The type of hold a case is about; none: whatever holds the order."""
    if row["queue_code"] == "Q03":
        return "duplicate"
    facts = (row.get("why") or {}).get("facts", [])
    return next((fact["value"] for fact in facts if fact["name"] == "hold_type"), None)


def take_step(
    context: Context, document: ObjectRef, version: int, verb: str, args: Mapping[str, Any]
) -> str | None:
    """One step of a document (a statement, a stock request); the refusal in words, or None.

    A second click says the same and is the same step.
    """
    said = f"{document.entity_id}|{version}|{verb}|{sorted(map(str, args.items()))}"
    try:
        act(
            context.ledger,
            context.session,
            verb=verb,
            object=document,
            args=args,
            expected_version=version,
            idempotency_key=hashlib.sha256(said.encode()).hexdigest()[:40],
            now=context.settings.clock(),
            snapshot_id=context.snapshot.build_id,
        )
    except LedgerError as error:
        return refusal(context, error)
    return None


def refusal(context: Context, error: LedgerError) -> str:
    """The refusal in the reader's words: who was faster and when, not a code."""
    fields: dict[str, Any] = dict(error.fields)
    if "by" in fields:
        names = names_of(context.ledger)
        fields["by"] = names.get(str(fields["by"]), context.terms("who.somebody"))
    if isinstance(fields.get("at"), datetime):
        fields["at"] = context.fmt.time(fields["at"])
    if "state" in fields:
        fields["state"] = context.terms.code(STATES.get(error.code, ""), fields["state"])
    if "verb" in fields:
        fields["verb"] = context.terms.code("verb", fields["verb"])
    if "queue" in fields:
        fields["queue"] = context.labels("queue", fields["queue"])
    return context.terms(error.code, **fields)


def _before_dismiss(own: tuple[str, ...], work: tuple[str, ...]) -> tuple[str, ...]:
    last = tuple(verb for verb in own if verb == "dismiss")
    return (*(verb for verb in own if verb != "dismiss"), *work, *last)


def decisions_for(context: Context, queue_code: str) -> tuple[str, ...]:
    """What may be done about a case of a queue, the usual first, as far as the reader may."""
    work = context.policy.work_of(queue_code)
    own = DECISIONS.get(queue_code)
    # What a queue is for comes before the general ways out of it.
    wanted = (*work, "resolve", "dismiss") if own is None else _before_dismiss(own, work)
    return tuple(verb for verb in wanted if context.may(verb, queue_code))


def fits(context: Context, row: Mapping[str, Any], verb: str) -> bool:
    """The verb can be done to what this case is about."""
    work = context.policy.work(verb)
    return work is None or work.fits(row["entity_type"])


def skipped(context: Context, row: Mapping[str, Any], verb: str) -> str | None:
    """Why a bulk action would leave this case out, as far as can be seen before asking."""
    t = context.terms
    if not context.may(verb, row["queue_code"]):
        return t("bulk.not_yours")
    if not fits(context, row, verb):
        return t("bulk.not_fitting")
    if row["status"] == "proposed" and verb not in {"approve", "refuse", "comment"}:
        return t("bulk.proposed")
    if row["holder"] not in (None, context.session.user_id) and verb != "assign":
        return t("bulk.held", by=names_of(context.ledger).get(row["holder"], "–"))
    return None
