"""`act`: the only way a decision is written.

Everything is checked inside the write transaction, against the rows as they are then: whether the
session still lives, what its owner may do now, which version the case has, whether a second person
is needed. Then the chain row, the state and the outbox row are written together, or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from orderhouse.access import Policy, get_policy
from orderhouse.failpoints import reach
from orderhouse.ledger import breaks, case_requests, cases, refunds, statements, stock, ties
from orderhouse.ledger.cases import CaseState, ObjectRef
from orderhouse.ledger.chain import canonical
from orderhouse.ledger.compensation import AGREEING, check_limit
from orderhouse.ledger.effects import ActResult, Work, changed_meanwhile, recall, record
from orderhouse.ledger.engine import Ledger
from orderhouse.ledger.errors import Denied, IdempotencyMismatch, Invalid
from orderhouse.ledger.requests import Request, Stamp, build
from orderhouse.ledger.sessions import Session, fresh
from orderhouse.ledger.tables import AUDIT_LOG, USERS
from orderhouse.ledger.verbs import (
    BREAK_VERBS,
    REFUND_VERBS,
    REVIEW_VERBS,
    STATEMENT_VERBS,
    STOCK_VERBS,
    Move,
    handler_of,
)

# Cases about accounts: nobody decides about their own.
ACCESS_QUEUE = "Q37"


@dataclass(frozen=True, slots=True)
class _Outcome:
    after: CaseState
    request: Request
    undoes: str | None = None


def act(  # noqa: PLR0913  one call says everything the audit row must say
    ledger: Ledger,
    session: Session,
    *,
    verb: str,
    object: ObjectRef,
    args: Mapping[str, Any],
    expected_version: int,
    idempotency_key: str,
    now: datetime,
    snapshot_id: str,
    policy: Policy | None = None,
) -> ActResult:
    """Do one verb to one case, durably, once.

    Args:
        args: `reason_code`, `comment` and what the verb takes (`to`, `until`, `action_id`).
        expected_version: version of the case the actor saw; a comment does not check it.
        idempotency_key: made by the caller; the same key and body give the first result again.

    Raises:
        Denied, Conflict, Invalid, IdempotencyMismatch: nothing was written.
    """
    policy = policy or get_policy()
    stamp = Stamp(
        expected_version=expected_version, key=idempotency_key, now=now, snapshot_id=snapshot_id
    )
    request = build(policy, verb, object, args, stamp)
    with ledger.writing() as connection:
        actor = fresh(connection, session, now)
        result = _replayed(connection, actor, request)
        if result is None:
            result = _perform(connection, actor, request, policy)
            reach("act.before_commit")
    reach("act.after_commit")
    return result


def _replayed(connection: Connection, actor: Session, request: Request) -> ActResult | None:
    row = connection.execute(
        select(AUDIT_LOG.c.action_id, AUDIT_LOG.c.after, AUDIT_LOG.c.body_hash).where(
            AUDIT_LOG.c.actor_id == actor.user_id, AUDIT_LOG.c.idempotency_key == request.key
        )
    ).first()
    if row is None:
        return None
    if row.body_hash != request.body_hash:
        raise IdempotencyMismatch("ledger.key_reused")
    after = json.loads(row.after)
    return ActResult(
        action_id=row.action_id, version=after["version"], state=after["status"], replayed=True
    )


def _perform(connection: Connection, actor: Session, request: Request, policy: Policy) -> ActResult:
    work = Work(connection, actor, policy, request, _role(policy, actor, request))
    if request.verb in STATEMENT_VERBS:
        return statements.perform(work)
    if request.verb in STOCK_VERBS:
        return case_requests.followed(work, stock.perform(work))
    if request.verb in REFUND_VERBS:
        return case_requests.followed(work, refunds.perform(work))
    if request.verb == breaks.MATCH:
        return breaks.match(work)
    before = cases.load(connection, request.ref.item_id)
    if request.verb == "comment":
        return _said(work, before)
    if before.version != request.expected_version:
        raise changed_meanwhile(connection, before.last_action_id)
    outcome = _SPECIAL.get(request.verb, _decide)(work, before)
    request, parts = breaks.decided_parts(replace(work, request=outcome.request))
    request = case_requests.numbered(request)
    deciding, is_told = case_requests.stopped(replace(work, request=request))
    result = record(deciding, before, outcome.after, outcome.undoes, is_told=is_told)
    case_requests.open_for(deciding, result.action_id)
    ties.keep_link(deciding, result.action_id)
    breaks.decide_parts(deciding, parts)
    return result


def _said(work: Work, state: CaseState) -> ActResult:
    """A comment changes nothing of the case, and tells whom it names."""
    told = ties.with_mentions(work)
    result = record(told, state, state)
    ties.keep_mentions(told, result.action_id)
    return result


def _role(policy: Policy, actor: Session, request: Request) -> str:
    ref = request.ref
    role = policy.role_for(actor.roles, request.verb, ref.queue_code)
    if role is None:
        raise Denied("ledger.not_allowed", verb=request.verb, queue=ref.queue_code)
    if actor.shops is not None and ref.shop_id not in actor.shops:
        raise Denied("ledger.out_of_scope")
    if request.verb == "release_hold" and not policy.may_release(
        role, request.args.get("hold_type")
    ):
        raise Denied("ledger.not_your_hold", hold=request.args["hold_type"])
    if ref.queue_code == ACCESS_QUEUE and ref.entity_id == actor.user_id:
        raise Denied("people.not_yourself")
    if request.verb in REVIEW_VERBS and ref.entity_type != "order":
        raise Invalid("ledger.needs_order")
    return role


def _decide(work: Work, state: CaseState) -> _Outcome:
    """Claims, snoozes and decisions; above a limit a decision becomes a proposal."""
    request = work.request
    if state.status == "proposed":
        raise Invalid("ledger.waits_for_second")
    _four_eyes(work)
    after = _moved(work, state)
    ref = request.ref
    if not work.policy.needs_second(
        request.verb, ref.queue_code, breaks.at_stake(request), ref.currency_code
    ):
        return _Outcome(after, request)
    proposal = {
        "verb": request.verb,
        "args": dict(request.args),
        "reason_code": request.reason_code,
        "by": work.actor.user_id,
        "at": cases.to_json(request.now),
    }
    waiting = replace(
        state, status="proposed", proposal=canonical(proposal), version=state.version + 1
    )
    return _Outcome(waiting, replace(request, verb="propose"))


def _four_eyes(work: Work) -> None:
    """Who took the first of two stages of an order does not take the second."""
    request, others = work.request, work.policy.four_eyes.get(work.request.verb)
    if not others or request.ref.order_id is None:
        return
    undone = select(AUDIT_LOG.c.undoes_action_id).where(
        AUDIT_LOG.c.order_id == request.ref.order_id, AUDIT_LOG.c.undoes_action_id.is_not(None)
    )
    mine = work.connection.execute(
        select(AUDIT_LOG.c.seq).where(
            AUDIT_LOG.c.order_id == request.ref.order_id,
            AUDIT_LOG.c.actor_id == work.actor.user_id,
            AUDIT_LOG.c.verb.in_(sorted(others)),
            AUDIT_LOG.c.action_id.not_in(undone),
        )
    ).first()
    if mine is not None:
        raise Denied("ledger.same_person")


def _moved(work: Work, state: CaseState) -> CaseState:
    request = work.request
    if request.verb in {"assign", "escalate"}:
        _check_assignee(work)
    if request.verb in AGREEING:
        check_limit(work.policy, work.role, request.args)
    move = Move(
        verb=request.verb,
        actor_id=work.actor.user_id,
        reason_code=request.reason_code,
        args=request.args,
        now=request.now,
        policy=work.policy,
    )
    return replace(handler_of(request.verb, work.policy)(state, move), version=state.version + 1)


def _check_assignee(work: Work) -> None:
    row = work.connection.execute(
        select(USERS.c.roles, USERS.c.is_active).where(
            USERS.c.user_id == work.request.args.get("to")
        )
    ).first()
    if row is None or not row.is_active:
        raise Invalid("ledger.no_such_user")
    roles = json.loads(row.roles)
    may_claim = work.policy.role_for(roles, "claim", work.request.ref.queue_code)
    if may_claim is None or not work.policy.is_person(roles):
        raise Invalid("ledger.assignee_may_not")
    is_above = work.policy.role_for(roles, "assign", work.request.ref.queue_code) is not None
    if work.request.verb == "escalate" and not is_above:
        raise Invalid("ledger.not_above")


def _second_person(work: Work, state: CaseState) -> dict[str, Any]:
    if state.status != "proposed":
        raise Invalid("ledger.nothing_proposed")
    proposal = state.proposed()
    if proposal["by"] == work.actor.user_id:
        raise Denied("ledger.same_person")
    return proposal


def _approve(work: Work, state: CaseState) -> _Outcome:
    """The second person agrees: the proposed verb happens now, in the approver's name."""
    proposal = _second_person(work, state)
    agreed = replace(
        work.request,
        verb=proposal["verb"],
        args=proposal["args"],
        reason_code=proposal["reason_code"],
    )
    role = _role(work.policy, work.actor, agreed)
    seconds = work.policy.seconds(agreed.verb, agreed.ref.queue_code)
    if seconds is not None and not seconds & set(work.actor.roles):
        raise Denied("ledger.not_your_second", verb=agreed.verb)
    _four_eyes(replace(work, request=agreed))
    # The proposer's own claim must not stand in the approver's way.
    free = replace(state, claimed_by=None, claimed_at=None, claim_expires_at=None, status="open")
    after = _moved(replace(work, request=agreed, role=role), free)
    recorded = dict(agreed.args) | {"proposed_by": proposal["by"]}
    return _Outcome(after, replace(agreed, args=recorded))


def _refuse(work: Work, state: CaseState) -> _Outcome:
    _second_person(work, state)
    after = replace(state, status="open", proposal=None, version=state.version + 1)
    return _Outcome(after, work.request)


def _undo(work: Work, state: CaseState) -> _Outcome:
    """Take back the last change of a case, while nobody outside has been told of it."""
    request, connection = work.request, work.connection
    query = select(AUDIT_LOG).where(AUDIT_LOG.c.action_id == state.last_action_id)
    last = connection.execute(query).mappings().first()
    if last is None or last["undoes_action_id"] is not None:
        raise Invalid("ledger.nothing_to_undo")
    if request.args.get("action_id") not in (None, last["action_id"]):
        raise Invalid("ledger.not_the_last")
    if last["actor_id"] != work.actor.user_id and "ops_lead" not in work.actor.roles:
        raise Denied("ledger.not_yours_to_undo")
    minutes = work.policy.limits["undo_minutes"]
    if (request.now - last["at"]).total_seconds() > minutes * 60:
        raise Invalid("ledger.undo_too_late", minutes=minutes)
    case_requests.take_back(work, last)
    recall(connection, last["action_id"])
    ties.undo_link(connection, last["action_id"])
    if last["verb"] in BREAK_VERBS:
        breaks.undo_others(work, last)
    after = cases.restored(state, json.loads(last["before"]))
    return _Outcome(after, request, undoes=last["action_id"])


_SPECIAL = {"approve": _approve, "refuse": _refuse, "undo": _undo}
