"""Requests about stock in the ledger: who may do what, nothing below zero, how they are kept."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from orderhouse.ledger.chain import append, new_action_id
from orderhouse.ledger.effects import ActResult, Work, changed_meanwhile, entry_of, send
from orderhouse.ledger.engine import Ledger
from orderhouse.ledger.errors import Denied, Invalid
from orderhouse.ledger.stock_requests import (
    PROPOSALS,
    Moved,
    Step,
    StockMove,
    StockRequest,
    moved,
    pieces,
    place_of,
)
from orderhouse.ledger.tables import AUDIT_LOG, STOCK_MOVES, STOCK_REQUESTS
from orderhouse.ledger.verbs import STOCK_VERBS

ENTITY = "stock_request"
_QUANTITIES = frozenset({"quantity", "counted_quantity", "received_quantity", "lost_quantity"})
_IN_CHAIN = ("version", "status", "kind", "quantity", "received_quantity", "lost_quantity")


def perform(work: Work) -> ActResult:
    """Do a verb about stock inside the write transaction of `act`."""
    request, connection = work.request, work.connection
    before = load(connection, request.ref.entity_id)
    if before.version != request.expected_version:
        raise changed_meanwhile(connection, before.last_action_id)
    _four_eyes(work, before)
    action_id = new_action_id()
    step = Step(
        verb=request.verb, actor_id=work.actor.user_id, action_id=action_id, now=request.now,
        reason_code=request.reason_code, args=request.args,
    )  # fmt: skip
    done = moved(before, step)
    _check_size(work, done.request)
    _check_book(work, done.request)
    if request.verb not in PROPOSALS:
        # The chain and the receiver are told what it is about, not only that it was agreed to.
        request = replace(request, args={**place_of(done.request), **request.args})
        work = replace(work, request=request)
    entry = entry_of(work, action_id) | {
        "before": as_dict(before),
        "after": as_dict(done.request),
    }
    seq = append(connection, entry, comment=request.comment)
    _save(connection, done, seq)
    send(work, action_id)
    return ActResult(action_id=action_id, version=done.request.version, state=done.request.status)


def _four_eyes(work: Work, before: StockRequest) -> None:
    """Who asked for it does not decide about it; only who asked for it takes it back."""
    verb, actor = work.request.verb, work.actor.user_id
    if verb == "stock_withdraw" and before.proposed_by not in (None, actor):
        raise Denied("stock.not_yours")
    others = work.policy.four_eyes.get(verb)
    if not others:
        return
    mine = work.connection.execute(
        select(AUDIT_LOG.c.seq).where(
            AUDIT_LOG.c.item_id == work.request.ref.item_id,
            AUDIT_LOG.c.actor_id == actor,
            AUDIT_LOG.c.verb.in_(sorted(others)),
        )
    ).first()
    if mine is not None:
        raise Denied("ledger.same_person")


def _check_size(work: Work, after: StockRequest) -> None:
    """How many pieces one post may agree to."""
    if work.request.verb != "stock_approve":
        return
    most = work.policy.stock_limit(work.actor.roles)
    if abs(after.quantity) > most:
        raise Denied("stock.above_limit", n=str(most))


def _check_book(work: Work, after: StockRequest) -> None:
    """Nothing is taken that is not there.

    What is there is what the actor saw, `book_quantity` as of row `seen_seq` of the chain, and what
    was moved there since: two people who each see five pieces cannot both send them away.
    """
    verb, args = work.request.verb, work.request.args
    if verb not in PROPOSALS and verb != "stock_approve":
        return
    seen = pieces(args.get("book_quantity"))
    try:
        since = int(args["seen_seq"])
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid("stock.bad_quantity") from error
    moved_since = _moved_since(work.connection, after, since)
    there = seen + moved_since
    if verb == "stock_count" and moved_since:
        # Counted against a book that somebody has changed since.
        raise Invalid("stock.book_changed", n=_plain(there))
    if after.leaves >= 0 or work.policy.limits["stock_below_zero"]:
        return
    if there + after.leaves < 0:
        raise Invalid("stock.below_zero", n=_plain(there))


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _moved_since(connection: Connection, state: StockRequest, seq: int) -> Decimal:
    kept = [
        STOCK_MOVES.c.seq > seq,
        STOCK_MOVES.c.sku == state.sku,
        STOCK_MOVES.c.warehouse_id == state.warehouse_id,
    ]
    if state.lot is not None:
        kept.append(STOCK_MOVES.c.lot == state.lot)
    rows = connection.execute(select(STOCK_MOVES.c.quantity).where(*kept)).scalars()
    return sum((Decimal(row) for row in rows), Decimal(0))


def as_dict(state: StockRequest) -> dict[str, Any]:
    """What a step changed, for the chain; where and what is in the arguments."""
    values = {name: getattr(state, name) for name in _IN_CHAIN}
    return {
        name: f"{value:f}" if isinstance(value, Decimal) else value
        for name, value in values.items()
    }


def _from_row(row: Mapping[str, Any]) -> StockRequest:
    values = {name: row[name] for name in StockRequest.__slots__}
    for name in _QUANTITIES:
        values[name] = None if values[name] is None else Decimal(values[name])
    return StockRequest(**values)


def load(connection: Connection, request_id: str) -> StockRequest:
    query = select(STOCK_REQUESTS).where(STOCK_REQUESTS.c.request_id == request_id)
    row = connection.execute(query).mappings().first()
    return _from_row(row) if row else StockRequest(request_id=request_id)


def _text(value: Any) -> Any:
    return f"{value:f}" if isinstance(value, Decimal) else value


def _save(connection: Connection, done: Moved, seq: int) -> None:
    state = done.request
    known = STOCK_REQUESTS.c.request_id == state.request_id
    connection.execute(delete(STOCK_REQUESTS).where(known))
    row = {name: _text(getattr(state, name)) for name in StockRequest.__slots__}
    connection.execute(insert(STOCK_REQUESTS), row | {"updated_seq": seq})
    for move in done.moves:
        row = {name: _text(getattr(move, name)) for name in StockMove.__slots__}
        connection.execute(insert(STOCK_MOVES), row | {"seq": seq})


def replayed(
    connection: Connection,
) -> tuple[dict[str, StockRequest], dict[str, tuple[int, StockMove]]]:
    """What the chain says of each request and of each movement, with the row that made it."""
    states: dict[str, StockRequest] = {}
    moves: dict[str, tuple[int, StockMove]] = {}
    query = (
        select(AUDIT_LOG).where(AUDIT_LOG.c.verb.in_(sorted(STOCK_VERBS))).order_by(AUDIT_LOG.c.seq)
    )
    for row in connection.execute(query).mappings():
        name = row["entity_id"]
        step = Step(
            verb=row["verb"], actor_id=row["actor_id"], action_id=row["action_id"], now=row["at"],
            reason_code=row["reason_code"], args=json.loads(row["args"]),
        )  # fmt: skip
        done = moved(states.get(name, StockRequest(request_id=name)), step)
        states[name] = done.request
        moves |= {move.movement_id: (row["seq"], move) for move in done.moves}
    return states, moves


def stored_moves(
    connection: Connection, *kept: ColumnElement[bool]
) -> Iterator[tuple[int, StockMove]]:
    """Movements and the number of the row that made each, in their order."""
    query = select(STOCK_MOVES).where(*kept).order_by(STOCK_MOVES.c.seq, STOCK_MOVES.c.movement_id)
    for row in connection.execute(query).mappings():
        values = {name: row[name] for name in StockMove.__slots__}
        values["quantity"] = Decimal(values["quantity"])
        yield row["seq"], StockMove(**values)


def stock_requests_of(
    ledger: Ledger, *, sku: str | None = None, limit: int = 500
) -> list[StockRequest]:
    """Requests, those that wait for somebody first, then the newest."""
    query = select(STOCK_REQUESTS)
    if sku is not None:
        query = query.where(STOCK_REQUESTS.c.sku == sku)
    waits = STOCK_REQUESTS.c.status.in_(("proposed", "under_way"))
    query = query.order_by(waits.desc(), STOCK_REQUESTS.c.updated_seq.desc()).limit(limit)
    with ledger.reading() as connection:
        return [_from_row(row) for row in connection.execute(query).mappings()]


def stock_moves_since(ledger: Ledger, moment: datetime) -> tuple[list[StockMove], int]:
    """Movements agreed to at or after a moment, and the row of the chain up to which that holds."""
    with ledger.reading() as connection:
        seq = connection.execute(select(func.max(AUDIT_LOG.c.seq))).scalar() or 0
        kept = (STOCK_MOVES.c.moved_at >= moment, STOCK_MOVES.c.seq <= seq)
        return [move for _, move in stored_moves(connection, *kept)], seq
