"""Refunds decided in the house: who may, never more than is there to give back, how they are kept.

What is there is what the snapshot says was captured, less what has gone back, less what is under
way: at the channel, which the actor saw, and here, which is counted inside the write transaction.
So two people who each see the same rest cannot both give it back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from orderhouse.coins import written
from orderhouse.connections import CANCELS
from orderhouse.ledger.chain import append, new_action_id
from orderhouse.ledger.effects import (
    ActResult,
    Work,
    changed_meanwhile,
    entry_of,
    recall,
    send,
)
from orderhouse.ledger.engine import Ledger
from orderhouse.ledger.errors import Denied, Invalid
from orderhouse.ledger.refund_requests import (
    ASK,
    LIVE,
    STOP,
    RefundRequest,
    Step,
    money,
    moved,
    told_of,
)
from orderhouse.ledger.tables import AUDIT_LOG, DELIVERIES, OUTBOX, REFUND_REQUESTS
from orderhouse.ledger.verbs import REFUND_VERBS

ENTITY = "refund_request"
# Answered with this, the money has gone back.
PAID = "refunded"
_AGREES = frozenset({ASK, "refund_approve"})
_IN_CHAIN = ("version", "status", "amount", "currency_code", "is_alone")


def perform(work: Work) -> ActResult:
    """Do a verb about a refund inside the write transaction of `act`."""
    connection = work.connection
    before = load(connection, work.request.ref.entity_id)
    if before.version != work.request.expected_version:
        raise changed_meanwhile(connection, before.last_action_id)
    _same_order(work, before)
    _four_eyes(work, before)
    work = _with_facts(work, before)
    request, action_id = work.request, new_action_id()
    after = moved(before, _step(work, action_id))
    if request.verb == "refund_approve":
        _check_approval(work, after)
    if request.verb in _AGREES:
        _check_rest(work, after)
    if request.verb == "refund_void":
        _check_void(work, before)
    if request.verb == STOP and before.status == "approved":
        recall(connection, before.last_action_id)
    entry = entry_of(work, action_id) | {"before": as_dict(before), "after": as_dict(after)}
    seq = append(connection, entry, comment=request.comment)
    _save(connection, after, seq)
    if request.verb in _AGREES and after.status == "approved":
        # Whoever pays hears the same, whether one person decided it or two.
        send(replace(work, request=replace(request, verb="refund_approve")), action_id)
    return ActResult(action_id=action_id, version=after.version, state=after.status)


def _step(work: Work, action_id: str) -> Step:
    request = work.request
    return Step(
        verb=request.verb, actor_id=work.actor.user_id, action_id=action_id, now=request.now,
        reason_code=request.reason_code, order_id=request.ref.order_id, args=request.args,
    )  # fmt: skip


def _same_order(work: Work, before: RefundRequest) -> None:
    """A later step is about the order and the shop the request is about, whatever it says."""
    ref = work.request.ref
    if before.version and (ref.order_id, ref.shop_id) != (before.order_id, before.shop_id):
        raise Invalid("refund.needs_order")


def _four_eyes(work: Work, before: RefundRequest) -> None:
    """Who asked for it does not decide about it; only who asked for it takes it back."""
    verb, actor = work.request.verb, work.actor.user_id
    if verb == "refund_withdraw" and before.asked_by not in (None, actor):
        raise Denied("refund.not_yours")
    if verb in work.policy.four_eyes and before.asked_by == actor:
        raise Denied("ledger.same_person")


def _with_facts(work: Work, before: RefundRequest) -> Work:
    """The request with what the chain and the receiver have to know besides what was asked."""
    request = work.request
    if request.verb != ASK:
        return replace(work, request=replace(request, args={**request.args, **told_of(before)}))
    currency = str(request.args.get("currency_code") or "")
    amount = money(request.args.get("amount"))
    alone = _given_alone(work.connection, request.ref.order_id, currency)
    waits = amount + alone > work.policy.refund_limit(work.actor.roles, currency)
    args = {**request.args, "waits": waits, "shop_id": request.ref.shop_id}
    return replace(work, request=replace(request, args=args))


def _given_alone(connection: Connection, order_id: str | None, currency: str) -> Decimal:
    """What single persons have given back of this order: a limit is not passed in small pieces."""
    return sum(
        (one.amount for one in live_of(connection, order_id)
         if one.is_alone and one.currency_code == currency), Decimal(0),
    )  # fmt: skip


def live_of(connection: Connection, order_id: str | None) -> list[RefundRequest]:
    query = select(REFUND_REQUESTS).where(
        REFUND_REQUESTS.c.order_id == order_id, REFUND_REQUESTS.c.status.in_(LIVE)
    )
    return [_from_row(row) for row in connection.execute(query).mappings()]


def may_stop(connection: Connection, state: RefundRequest) -> bool:
    """It waits for somebody, or its message has not left the house."""
    if state.status != "approved":
        return state.status == "proposed"
    waits = OUTBOX.c.action_id == state.last_action_id, OUTBOX.c.state == "pending"
    return connection.execute(select(OUTBOX.c.action_id).where(*waits)).first() is not None


def _check_approval(work: Work, after: RefundRequest) -> None:
    """How much one post may agree to."""
    most = work.policy.refund_approval(work.actor.roles, after.currency_code)
    if after.amount > most:
        raise Denied("refund.above_limit", n=_said(most, after.currency_code))


def _check_rest(work: Work, after: RefundRequest) -> None:
    """Never above what is refundable.

    `counted` are the numbers of requests that `refunded_amount` has already; everything else the
    house has asked for is under way, also what somebody asked for a moment ago.
    """
    args = work.request.args
    names = ("captured_amount", "refunded_amount", "under_way_amount")
    captured, refunded, elsewhere = (money(args.get(name)) for name in names)
    counted = set(args.get("counted") or ())
    here = sum(
        (one.amount for one in live_of(work.connection, after.order_id)
         if one.request_id != after.request_id and one.request_id not in counted), Decimal(0),
    )  # fmt: skip
    if _is_being_cancelled(work.connection, after.order_id):
        raise Invalid("refund.cancel_under_way")
    rest = captured - refunded - elsewhere - here
    if after.amount > rest:
        left = _said(max(rest, Decimal(0)), after.currency_code)
        raise Invalid("refund.above_refundable", n=left)


def _said(amount: Decimal, currency: str) -> str:
    return f"{written(amount, currency)} {currency}"


def _is_being_cancelled(connection: Connection, order_id: str | None) -> bool:
    """A cancellation that has not been answered pays back whatever is left."""
    query = select(OUTBOX.c.action_id).where(
        OUTBOX.c.order_id == order_id,
        OUTBOX.c.verb.in_(sorted(CANCELS)),
        OUTBOX.c.state.in_(("pending", "sent")),
    )
    return connection.execute(query.limit(1)).first() is not None


def _check_void(work: Work, before: RefundRequest) -> None:
    """Given up only when nobody will pay it any more: no receiver did, or the source says so.

    Or when it has been paid and the source tells of it under a number of its own: then it stands in
    what has gone back already, and would be counted twice for ever.
    """
    if work.request.args.get("told_status") == "failed":
        return
    action = before.last_action_id
    codes = work.connection.execute(
        select(DELIVERIES.c.code).where(DELIVERIES.c.action_id == action)
    ).scalars()
    state = work.connection.execute(
        select(OUTBOX.c.state).where(OUTBOX.c.action_id == action)
    ).scalar()
    if state == "answered" and work.request.reason_code == "paid_otherwise":
        return
    if state != "given_up" or PAID in set(codes):
        raise Invalid("refund.may_still_go")
    # Sending it again from the queue would pay what somebody has since given back otherwise.
    given_up = (DELIVERIES.c.action_id == action) & (DELIVERIES.c.state == "given_up")
    work.connection.execute(update(DELIVERIES).where(given_up).values(state="superseded"))


def as_dict(state: RefundRequest) -> dict[str, Any]:
    """What a step changed, for the chain."""
    values = {name: getattr(state, name) for name in _IN_CHAIN}
    return values | {"amount": f"{state.amount:f}"}


def _from_row(row: Mapping[str, Any]) -> RefundRequest:
    values = {name: row[name] for name in RefundRequest.__slots__}
    values |= {"amount": Decimal(row["amount"]), "is_alone": bool(row["is_alone"])}
    return RefundRequest(**values)


def load(connection: Connection, request_id: str) -> RefundRequest:
    query = select(REFUND_REQUESTS).where(REFUND_REQUESTS.c.request_id == request_id)
    row = connection.execute(query).mappings().first()
    return _from_row(row) if row else RefundRequest(request_id=request_id)


def _save(connection: Connection, state: RefundRequest, seq: int) -> None:
    known = REFUND_REQUESTS.c.request_id == state.request_id
    connection.execute(delete(REFUND_REQUESTS).where(known))
    row = {name: getattr(state, name) for name in RefundRequest.__slots__}
    row |= {"amount": f"{state.amount:f}", "updated_seq": seq}
    connection.execute(insert(REFUND_REQUESTS), row)


def replayed(connection: Connection) -> dict[str, RefundRequest]:
    """What the chain says of each request."""
    states: dict[str, RefundRequest] = {}
    query = (
        select(AUDIT_LOG)
        .where(AUDIT_LOG.c.verb.in_(sorted(REFUND_VERBS)))
        .order_by(AUDIT_LOG.c.seq)
    )
    for row in connection.execute(query).mappings():
        name = row["entity_id"]
        step = Step(
            verb=row["verb"], actor_id=row["actor_id"], action_id=row["action_id"], now=row["at"],
            reason_code=row["reason_code"], order_id=row["order_id"],
            args=json.loads(row["args"]),
        )  # fmt: skip
        states[name] = moved(states.get(name, RefundRequest(request_id=name)), step)
    return states


def refund_requests_of(
    ledger: Ledger,
    *,
    order_id: str | None = None,
    shops: Iterable[str] | None = None,
    limit: int = 500,
) -> list[RefundRequest]:
    """Requests, those that wait for somebody first, then the newest.

    Args:
        shops: whose requests somebody may see; None: every shop's.
    """
    query = select(REFUND_REQUESTS)
    if order_id is not None:
        query = query.where(REFUND_REQUESTS.c.order_id == order_id)
    if shops is not None:
        query = query.where(REFUND_REQUESTS.c.shop_id.in_(sorted(shops)))
    waits = REFUND_REQUESTS.c.status == "proposed"
    query = query.order_by(waits.desc(), REFUND_REQUESTS.c.updated_seq.desc()).limit(limit)
    with ledger.reading() as connection:
        return [_from_row(row) for row in connection.execute(query).mappings()]


def refund_deliveries(ledger: Ledger, requests: Iterable[RefundRequest]) -> dict[str, str]:
    """Request -> how its message stands: pending, sent, answered, given_up or, once money has gone
    back, refunded."""
    by_action = {one.last_action_id: one.request_id for one in requests if one.status == "approved"}
    found: dict[str, str] = {}
    with ledger.reading() as connection:
        states = select(OUTBOX.c.action_id, OUTBOX.c.state).where(
            OUTBOX.c.action_id.in_(sorted(filter(None, by_action)))
        )
        found |= {by_action[action]: state for action, state in connection.execute(states)}
        paid = select(DELIVERIES.c.action_id).where(
            DELIVERIES.c.action_id.in_(sorted(filter(None, by_action))), DELIVERIES.c.code == PAID
        )
        found |= {by_action[action]: PAID for action in connection.execute(paid).scalars()}
    return found
