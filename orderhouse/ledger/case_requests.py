"""A request asked for from a case, a refund or a transfer: both are made in one transaction.

The request goes the way of every request of its kind: limits, a second person, never more than is
there. The case waits for it, and comes back when it is refused, withdrawn, stopped or given up.
Taken back while nothing has left, the decision takes its request along.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, select

from orderhouse.ledger import cases, refund_requests, refunds, stock
from orderhouse.ledger.cases import ObjectRef
from orderhouse.ledger.effects import ActResult, Work, record
from orderhouse.ledger.errors import Denied, Invalid
from orderhouse.ledger.refund_requests import STOP
from orderhouse.ledger.requests import Request
from orderhouse.ledger.tables import AUDIT_LOG


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of request: how it is numbered, asked for and taken back.

    Attributes:
        fell_through: what tells a case that nothing came of its request.
    """

    prefix: str
    entity: str
    ask: str
    back: str
    fell_through: str


REFUND = Kind(
    prefix="OHR", entity=refunds.ENTITY, ask=refund_requests.ASK, back=STOP,
    fell_through="refund_fell_through",
)  # fmt: skip
TRANSFER = Kind(
    prefix="OHS", entity=stock.ENTITY, ask="stock_transfer", back="stock_withdraw",
    fell_through="transfer_fell_through",
)  # fmt: skip
# What a case asks with.
ASKING: Mapping[str, Kind] = {
    "refund": REFUND,
    "refund_difference": REFUND,
    "transfer_goods": TRANSFER,
}
STOPPING = "stop_refund"
# What hands something in beside the ledger, at once: an order that was entered.
HANDS_IN = frozenset({"import_manually"})
_ENDED = frozenset({"refused", "withdrawn", "failed"})


def numbered(request: Request) -> Request:
    """The decision with the number of the request it opens, which every later step names."""
    kind = ASKING.get(request.verb)
    if kind is None:
        return request
    number = f"{kind.prefix}-{secrets.token_hex(6).upper()}"
    return replace(request, args={**request.args, "request_number": number})


def open_for(work: Work, action_id: str) -> None:
    """Ask for what a case was decided with. What the request may not, the case may not."""
    request = work.request
    kind = ASKING.get(request.verb)
    if kind is None:
        return
    role = work.policy.role_for(work.actor.roles, kind.ask, None)
    if role is None or (kind is TRANSFER and work.actor.shops is not None):
        raise Denied("ledger.not_allowed", verb=kind.ask, queue=request.ref.queue_code)
    args = {name: value for name, value in request.args.items() if name != "request_number"}
    number = str(request.args["request_number"])
    asked = _of(work, kind, number, {**args, "asked_by": action_id})
    _perform(replace(asked, role=role))


def _perform(work: Work) -> ActResult:
    is_refund = work.request.ref.entity_type == refunds.ENTITY
    return refunds.perform(work) if is_refund else stock.perform(work)


def _state(connection: Connection, kind: Kind, number: str) -> Any:
    return (refunds if kind is REFUND else stock).load(connection, number)


def _of(work: Work, kind: Kind, number: str, args: Mapping[str, Any] | None = None) -> Work:
    """A step of a request in the course of another action, whose key and comment stay with that.

    With arguments it is asked for, without it is taken back.
    """
    own, state = work.request.ref, _state(work.connection, kind, number)
    is_new, is_refund = args is not None, kind is REFUND
    ref = ObjectRef(
        queue_code=None, item_id=number, entity_type=kind.entity, entity_id=number,
        order_id=(own if is_new else state).order_id if is_refund else None,
        shop_id=(own if is_new else state).shop_id if is_refund else None,
    )  # fmt: skip
    request = replace(
        work.request, verb=kind.ask if is_new else kind.back, ref=ref, args=args or {}, key=None,
        comment=None, expected_version=state.version,
        reason_code=work.request.reason_code if is_new else None,
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
        step = _of(work, REFUND, number)
        followed(step, _perform(step))
    told = replace(work, request=replace(request, args={**request.args, "stopped": held}))
    return (told, len(held) < len(live)) if held else (work, True)


def take_back(work: Work, last: Mapping[str, Any]) -> None:
    """Undo of a decision that asked for something: withdrawn, if nothing has left yet."""
    args, kind = json.loads(last["args"]), ASKING.get(last["verb"])
    if args.get("stopped"):
        raise Invalid("refund.not_revived")
    if last["verb"] in HANDS_IN:
        raise Invalid("ledger.already_handed_in")
    if kind is None or "request_number" not in args:
        return
    state = _state(work.connection, kind, args["request_number"])
    if state.status in _ENDED:
        return
    may_stop = (
        refunds.may_stop(work.connection, state) if kind is REFUND else state.status == "proposed"
    )
    if not may_stop:
        raise Invalid("ledger.already_sent")
    step = _of(work, kind, args["request_number"])
    if kind is TRANSFER and state.proposed_by != work.actor.user_id:
        # Only who asked for it withdraws it; who may undo what others did turns it down.
        step = replace(step, request=replace(step.request, verb="stock_refuse"))
    _perform(step)


def followed(work: Work, result: ActResult) -> ActResult:
    """A request that comes to nothing gives the case back that waits for it."""
    if result.state in _ENDED:
        is_refund = work.request.ref.entity_type == refunds.ENTITY
        ask = REFUND.ask if is_refund else TRANSFER.ask
        asked = _row(work.connection, AUDIT_LOG.c.entity_id == work.request.ref.entity_id,
                     AUDIT_LOG.c.verb == ask)  # fmt: skip
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
    verb = ASKING[decided["verb"]].fell_through
    request = replace(work.request, verb=verb, ref=ref, args=told, key=None, comment=None)
    record(replace(work, request=request), state, after, decided["action_id"])


def _row(connection: Connection, *wanted: Any) -> Mapping[str, Any] | None:
    return connection.execute(select(AUDIT_LOG).where(*wanted).limit(1)).mappings().first()
