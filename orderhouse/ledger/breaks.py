"""Decisions about differences of a reconciliation: on which amounts, and what belongs together.

A decision holds for the amounts both sides had when it was made; they are part of it, so that the
fold can tell when it no longer does. A match by hand is several differences that cancel each other:
one row of the chain for each, in one transaction, taken back together. A case of several
differences (`parts`: what an order and its marketplace differ in) is decided likewise: a row for
the case, and one for each of them on its own amounts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Connection, select

from orderhouse.ledger import cases
from orderhouse.ledger.cases import CaseState, ObjectRef
from orderhouse.ledger.chain import new_action_id
from orderhouse.ledger.effects import ActResult, Work, record
from orderhouse.ledger.engine import Ledger
from orderhouse.ledger.errors import Conflict, Denied, Invalid
from orderhouse.ledger.history import rows_after
from orderhouse.ledger.requests import Request
from orderhouse.ledger.tables import AUDIT_LOG
from orderhouse.ledger.verbs import BREAK_VERBS, HANDLERS, Move

ENTITY = "recon_break"
MATCH = "match_manually"
MEMBERS_MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One difference as the actor saw it."""

    ref: ObjectRef
    version: int
    recon_code: str
    match_key: str
    left: Decimal
    right: Decimal

    @property
    def difference(self) -> Decimal:
        return self.left - self.right

    def args(self) -> dict[str, str]:
        return {
            "recon_code": self.recon_code,
            "match_key": self.match_key,
            "currency_code": self.ref.currency_code or "",
            "left_amount": str(self.left),
            "right_amount": str(self.right),
        }


def part_of(ref: ObjectRef, version: int, given: Mapping[str, Any]) -> Part:
    """A difference from what a request says of it."""
    recon, key = given.get("recon_code"), given.get("match_key")
    if ref.entity_type != ENTITY or not recon or not key:
        raise Invalid("recon.needs_break")
    return Part(
        ref=ref,
        version=version,
        recon_code=str(recon),
        match_key=str(key),
        left=_amount(given.get("left_amount")),
        right=_amount(given.get("right_amount")),
    )


def _amount(value: Any) -> Decimal:
    try:
        amount = Decimal(str(value))
    except InvalidOperation as error:
        raise Invalid("recon.bad_amount") from error
    if not amount.is_finite():
        raise Invalid("recon.bad_amount")
    return amount


def at_stake(request: Request) -> Decimal | None:
    """How much a decision is about: of a difference, what it was decided on, not what was shown."""
    if request.verb not in BREAK_VERBS:
        return request.amount
    if parts := _parts(request, "parts"):
        return sum((abs(part.difference) for part in parts), Decimal(0))
    return part_of(request.ref, request.expected_version, request.args).difference


def match(work: Work) -> ActResult:
    """Put differences together that cancel each other, all of them or none."""
    request = work.request
    own = part_of(request.ref, request.expected_version, request.args)
    parts = (own, *_parts(request, "members"))
    _check(work, parts)
    shared = {"group_id": new_action_id(), "members": [part.ref.item_id for part in parts]}
    if request.args.get("suggestion_id"):
        shared["suggestion_id"] = request.args["suggestion_id"]
    results = [_matched(work, part, part is own, shared) for part in parts]
    return results[0]


def _matched(work: Work, part: Part, is_own: bool, shared: Mapping[str, Any]) -> ActResult:
    before = cases.load(work.connection, part.ref.item_id)
    if before.version != part.version:
        raise Conflict("ledger.changed_meanwhile", by=before.decided_by, at=before.updated_at)
    if before.status == "proposed":
        raise Invalid("ledger.waits_for_second")
    request = work.request if is_own else _unsigned(work.request)
    return _recorded(replace(work, request=request), part, before, shared)


def _unsigned(request: Request) -> Request:
    """One request, one key, one comment: they stay with its own row."""
    return replace(request, key=None, comment=None)


def _recorded(work: Work, part: Part, before: CaseState, shared: Mapping[str, Any]) -> ActResult:
    request = replace(work.request, ref=part.ref, args={**part.args(), **shared})
    move = Move(
        verb=request.verb,
        actor_id=work.actor.user_id,
        reason_code=request.reason_code,
        args=request.args,
        now=request.now,
        policy=work.policy,
    )
    after = replace(HANDLERS[request.verb](before, move), version=before.version + 1)
    return record(replace(work, request=request), before, after)


def decided_parts(work: Work) -> tuple[Request, list[Part]]:
    """The request with what it decides together, and its parts about which nobody decided yet."""
    request = work.request
    if request.verb not in BREAK_VERBS or not (parts := _parts(request, "parts")):
        return request, []
    states = [cases.load(work.connection, part.ref.item_id) for part in parts]
    free = [part for part, state in zip(parts, states, strict=True) if not _is_taken(state)]
    shared = {
        "group_id": new_action_id(),
        "members": [request.ref.item_id, *(part.ref.item_id for part in free)],
    }
    return replace(request, args={**request.args, **shared}), free


def decide_parts(work: Work, parts: list[Part]) -> None:
    """Decide about each difference of a case as about the case, on its own amounts."""
    given = work.request.args
    shared = {n: given[n] for n in ("group_id", "members", "proposed_by") if n in given}
    for part in parts:
        before = cases.load(work.connection, part.ref.item_id)
        _recorded(replace(work, request=_unsigned(work.request)), part, before, shared)


def _is_taken(state: CaseState) -> bool:
    """Somebody decided about it, or asked to: that stays."""
    return state.is_decided or state.status == "proposed"


def _parts(request: Request, name: str) -> list[Part]:
    given = request.args.get(name) or ()
    own = request.ref
    try:
        return [
            part_of(
                ObjectRef(
                    queue_code=own.queue_code,
                    item_id=str(one["item_id"]),
                    entity_type=ENTITY,
                    entity_id=str(one["break_id"]),
                    order_id=one.get("order_id"),
                    shop_id=one.get("shop_id"),
                    currency_code=own.currency_code,
                ),
                int(one.get("version", 0)),
                one,
            )
            for one in given
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid("recon.needs_break") from error


def _check(work: Work, parts: tuple[Part, ...]) -> None:
    if not 1 < len(parts) <= MEMBERS_MOST or len({p.ref.item_id for p in parts}) < len(parts):
        raise Invalid("recon.needs_others")
    if len({part.recon_code for part in parts}) > 1:
        raise Invalid("recon.one_reconciliation")
    shops = work.actor.shops
    if shops is not None and any(part.ref.shop_id not in shops for part in parts):
        raise Denied("ledger.out_of_scope")
    rest = abs(sum((part.difference for part in parts), Decimal(0)))
    if rest * 100 > work.policy.limits["match_rest_cents"]:
        raise Invalid("recon.match_rest", rest=str(rest))


def undo_others(work: Work, last: Mapping[str, Any]) -> None:
    """Take back what was decided together with the case whose decision is being undone."""
    args = json.loads(last["args"])
    for item_id in args.get("members") or ():
        if item_id == last["item_id"]:
            continue
        state = cases.load(work.connection, item_id)
        row = _row(work.connection, state.last_action_id)
        if row is None or json.loads(row["args"]).get("group_id") != args["group_id"]:
            raise Invalid("ledger.not_the_last")
        ref = ObjectRef(
            queue_code=row["queue_code"],
            item_id=item_id,
            entity_type=row["entity_type"],
            entity_id=row["entity_id"],
            order_id=row["order_id"],
        )
        request = replace(work.request, ref=ref, args={}, key=None, comment=None)
        after: CaseState = cases.restored(state, json.loads(row["before"]))
        record(replace(work, request=request), state, after, row["action_id"])


def _row(connection: Connection, action_id: str | None) -> Mapping[str, Any] | None:
    query = select(AUDIT_LOG).where(AUDIT_LOG.c.action_id == action_id)
    return connection.execute(query).mappings().first()


def rejected_suggestions(ledger: Ledger) -> frozenset[str]:
    """Suggestions somebody said are not the same, and did not take back."""
    undone = select(AUDIT_LOG.c.undoes_action_id).where(AUDIT_LOG.c.undoes_action_id.is_not(None))
    query = select(AUDIT_LOG.c.args).where(
        AUDIT_LOG.c.verb == "reject_match", AUDIT_LOG.c.action_id.not_in(undone)
    )
    with ledger.reading() as connection:
        rows = connection.execute(query).scalars().all()
    return frozenset(str(json.loads(args).get("suggestion_id")) for args in rows)


def recon_decisions_after(
    ledger: Ledger, seq: int, *, overlap: int = 0
) -> Iterator[dict[str, Any]]:
    """Decisions about differences numbered above `seq`, and what takes one back, plus `seq`."""
    wanted = (AUDIT_LOG.c.entity_type == ENTITY, AUDIT_LOG.c.verb.in_([*BREAK_VERBS, "undo"]))
    for row in rows_after(ledger, seq - overlap, *wanted):
        said: Mapping[str, Any] | None = dict(row)
        if row["verb"] == "undo":
            with ledger.reading() as connection:
                said = _row(connection, row["undoes_action_id"])
        if said is None or said["verb"] not in BREAK_VERBS:
            continue
        args = json.loads(said["args"])
        if args.get("parts"):  # each of its differences has its own row
            continue
        yield {
            "seq": row["seq"],
            "decision_id": row["action_id"],
            "verb": row["verb"],
            "decided_at": row["at"],
            "break_id": row["entity_id"],
            "recon_code": args["recon_code"],
            "match_key": args["match_key"],
            "currency_code": args.get("currency_code") or None,
            "order_id": row["order_id"],
            # What was matched together holds together; a part of a case holds on its own amounts.
            "group_id": args.get("group_id") if said["verb"] == MATCH else None,
            "suggestion_id": args.get("suggestion_id"),
            "left_amount": args["left_amount"],
            "right_amount": args["right_amount"],
            "reason_code": row["reason_code"],
            "actor_id": row["actor_id"],
            "actor_role": row["actor_role"],
            "proposed_by": args.get("proposed_by"),
            "undoes_decision_id": row["undoes_action_id"],
        }
