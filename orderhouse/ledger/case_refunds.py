"""A refund asked for from a case: one decision, one request, in one transaction.

The request goes the way of every refund: limits, a second person, never above what is there. The
case waits for it, and comes back when it is refused, withdrawn, stopped or given up. Taken back
while it has not left, the decision takes its request along.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select

from orderhouse.ledger import cases, refunds
from orderhouse.ledger.cases import ObjectRef
from orderhouse.ledger.effects import ActResult, Work, record
from orderhouse.ledger.errors import Denied, Invalid
from orderhouse.ledger.refund_requests import ASK, STOP
from orderhouse.ledger.requests import Request
from orderhouse.ledger.tables import AUDIT_LOG

# What a case asks for money with, and what tells a case that none will go back.
ASKING = frozenset({"refund", "refund_difference"})
STOPPING = "stop_refund"
FELL_THROUGH = "refund_fell_through"
_ENDED = frozenset({"refused", "withdrawn", "failed"})


def numbered(request: Request) -> Request:
    """The decision with the number of the request it opens, which every later step names."""
    if request.verb not in ASKING:
        return request
    number = f"OHR-{secrets.token_hex(6).upper()}"
    return replace(request, args={**request.args, "request_number": number})


def open_for(work: Work, action_id: str) -> None:
    """Ask for the refund a case was decided with. What the refund may not, the case may not."""
    request = work.request
    if request.verb not in ASKING:
        return
    role = work.policy.role_for(work.actor.roles, ASK, None)
    if role is None:
        raise Denied("ledger.not_allowed", verb=ASK, queue=request.ref.queue_code)
    args = {name: value for name, value in request.args.items() if name != "request_number"}
    asked = _of(work, str(request.args["request_number"]), ASK, {**args, "asked_by": action_id})
    refunds.perform(replace(asked, role=role))


def _of(work: Work, number: str, verb: str, args: Mapping[str, Any]) -> Work:
    """A step of a refund in the course of another action, whose key and comment stay with that."""
    ref = ObjectRef(
        queue_code=None, item_id=number, entity_type=refunds.ENTITY, entity_id=number,
        order_id=work.request.ref.order_id, shop_id=work.request.ref.shop_id,
    )  # fmt: skip
    version = refunds.load(work.connection, number).version
    request = replace(
        work.request, verb=verb, ref=ref, args=args, key=None, comment=None,
        expected_version=version, reason_code=work.request.reason_code if verb == ASK else None,
    )  # fmt: skip
    return replace(work, request=request)


def stopped(work: Work) -> tuple[Work, bool]:
    """`stop_refund` stops every refund of the house that has not left.

    Returns:
        The work with the numbers it stopped, and whether others still have to be told.
    """
    request = work.request
    if request.verb != STOPPING:
        return work, True
    live = refunds.live_of(work.connection, request.ref.order_id)
    held = [one.request_id for one in live if refunds.may_stop(work.connection, one)]
    for number in held:
        state = refunds.load(work.connection, number)
        step = _of(work, number, STOP, {})
        ref = replace(step.request.ref, shop_id=state.shop_id)
        followed(step, refunds.perform(replace(step, request=replace(step.request, ref=ref))))
    told = replace(work, request=replace(request, args={**request.args, "stopped": held}))
    return (told, len(held) < len(live)) if held else (work, True)


def take_back(work: Work, last: Mapping[str, Any]) -> None:
    """Undo of a decision about a refund: its request is withdrawn, if nothing has left yet."""
    args = json.loads(last["args"])
    if args.get("stopped"):
        raise Invalid("refund.not_revived")
    if last["verb"] not in ASKING or "request_number" not in args:
        return
    number = args["request_number"]
    state = refunds.load(work.connection, number)
    if state.status in _ENDED:
        return
    if not refunds.may_stop(work.connection, state):
        raise Invalid("ledger.already_sent")
    step = _of(work, number, STOP, {})
    ref = replace(step.request.ref, order_id=state.order_id, shop_id=state.shop_id)
    refunds.perform(replace(step, request=replace(step.request, ref=ref)))


def followed(work: Work, result: ActResult) -> ActResult:
    """A refund that will not be paid gives the case back that waits for it."""
    if result.state in _ENDED:
        asked = _row(work.connection, AUDIT_LOG.c.entity_id == work.request.ref.entity_id,
                     AUDIT_LOG.c.verb == ASK)  # fmt: skip
        opened_by = json.loads(asked["args"]).get("asked_by") if asked else None
        decided = _row(work.connection, AUDIT_LOG.c.action_id == opened_by) if opened_by else None
        if decided is not None:
            _give_back(work, decided)
    return result


def _give_back(work: Work, decided: Mapping[str, Any]) -> None:
    """The decision no longer holds; the case is as it was before, unless others went on with it."""
    if _row(work.connection, AUDIT_LOG.c.undoes_action_id == decided["action_id"]) is not None:
        return
    state = cases.load(work.connection, decided["item_id"])
    after = replace(state, version=state.version + 1)
    if state.last_action_id == decided["action_id"]:
        after = cases.restored(state, json.loads(decided["before"]))
    ref = ObjectRef(
        queue_code=decided["queue_code"], item_id=decided["item_id"],
        entity_type=decided["entity_type"], entity_id=decided["entity_id"],
        order_id=decided["order_id"], shop_id=work.request.ref.shop_id,
    )  # fmt: skip
    told = {"request_number": work.request.ref.entity_id}
    request = replace(
        work.request, verb=FELL_THROUGH, ref=ref, args=told, key=None, comment=None
    )  # fmt: skip
    record(replace(work, request=request), state, after, decided["action_id"])


def _row(connection: Connection, *wanted: Any) -> Mapping[str, Any] | None:
    return connection.execute(select(AUDIT_LOG).where(*wanted).limit(1)).mappings().first()
