"""What leaves the outbox: who is told of a decision, in which order, and what they answered.

A decision waits until nobody can take it back. Then it is handed over: one delivery for each system
that is told. A delivery is claimed before it is sent and settled after, each in a transaction of
its own, so a sender that dies in between leaves a claim that runs out, and the message is sent
again under the same key. Every answer is a row of the chain.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, update

from orderhouse.access import Policy, get_policy
from orderhouse.ledger.chain import append, new_action_id
from orderhouse.ledger.engine import Ledger
from orderhouse.ledger.tables import AUDIT_LOG, DELIVERIES, OUTBOX
from orderhouse.ledger.verbs import DOCUMENT_VERBS

# The system that is told what nobody else is told: a folder of the home.
DEFAULT_SYSTEM = "outbox"
SENDER = "automation"
ANSWERED, FAILED, REFUSED = "answered", "failed", "refused"
_OPEN = ("pending", "sent", "failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One decision on its way to one system."""

    action_id: str
    system: str
    verb: str
    order_id: str | None
    payload: dict[str, Any]
    seq: int
    attempts: int
    batch_id: str
    item_id: str | None

    @property
    def key(self) -> str:
        """By this a receiver recognises what it has been told before."""
        return f"{self.action_id}.{self.system}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a system said: `answered`, `failed` (try again) or `refused` (trying again is vain).

    Attributes:
        code: an HTTP status or a word of the catalogue (`delivery:`), never a text.
        reference: the receiver's own number for what it did.
    """

    outcome: str
    code: str
    reference: str | None = None


Takers = Callable[[str, str | None], list[str]]


def hand_over(ledger: Ledger, now: datetime, takers: Takers, policy: Policy | None = None) -> int:
    """Turns decisions that can no longer be taken back into deliveries; returns how many."""
    query = (
        select(OUTBOX, AUDIT_LOG.c.seq)
        .join(AUDIT_LOG, AUDIT_LOG.c.action_id == OUTBOX.c.action_id)
        .where(_is_settled(now, policy or get_policy()))
        .order_by(AUDIT_LOG.c.seq)
    )
    with ledger.writing() as connection:
        due = connection.execute(query).mappings().all()
        for row in due:
            _hand_over(connection, row, now, takers)
    return len(due)


def _is_settled(now: datetime, policy: Policy) -> ColumnElement[bool]:
    """Waiting in the outbox, and past the time in which it could be taken back. A step of a
    document cannot be: it is only answered by the next step."""
    grace = timedelta(minutes=policy.limits["undo_minutes"])
    return and_(
        OUTBOX.c.state == "pending",
        or_(OUTBOX.c.created_at < now - grace, OUTBOX.c.verb.in_(sorted(DOCUMENT_VERBS))),
    )


def something_due(ledger: Ledger, now: datetime) -> bool:
    """Whether a round would find something to do."""
    settled = select(OUTBOX.c.action_id).where(_is_settled(now, get_policy())).limit(1)
    with ledger.reading() as connection:
        if connection.execute(settled).first() is not None:
            return True
        return next(_due(connection, now), None) is not None


def _hand_over(connection: Connection, row: Any, now: datetime, takers: Takers) -> None:
    payload = json.loads(row["payload"])
    if row["verb"] == "re_push" and payload["entity_type"] == "message":
        _reopen(connection, payload["entity_id"], now)
        state = "answered"
    else:
        for system in takers(row["verb"], payload.get("shop_id")) or [DEFAULT_SYSTEM]:
            values = {"action_id": row["action_id"], "system": system, "state": "pending"}
            connection.execute(insert(DELIVERIES), values | {"attempts": 0})
        state = "sent"
    _mark(connection, row["action_id"], state=state, sent_at=now)


def _mark(connection: Connection, action_id: str, **values: Any) -> None:
    connection.execute(update(OUTBOX).where(OUTBOX.c.action_id == action_id).values(**values))


def _reopen(connection: Connection, key: str, now: datetime) -> None:
    """Another round of tries, unless the system has been told something newer meanwhile."""
    action_id, _, system = key.partition(".")
    told = DELIVERIES.c.system == system
    given_up = next(
        _rows(connection, told, DELIVERIES.c.action_id == action_id,
              DELIVERIES.c.state == "given_up"), None
    )  # fmt: skip
    if given_up is None:
        return
    later = _rows(connection, told, AUDIT_LOG.c.seq > given_up["seq"],
                  DELIVERIES.c.state.in_(("sent", "answered")))  # fmt: skip
    newer = any(_object_of(row) == _object_of(given_up) for row in later)
    if newer:
        message = _message(given_up)
        _set(connection, message, state="superseded", ended_at=now)
        _append(connection, message, "delivery_superseded", Answer(outcome="", code="newer"), now)
    else:
        _set(connection, _message(given_up), state="pending", attempts=0, next_try_at=None)
        _mark(connection, action_id, state="sent")


def _rows(connection: Connection, *kept: Any) -> Iterator[Any]:
    query = (
        select(
            DELIVERIES, OUTBOX.c.verb, OUTBOX.c.order_id, OUTBOX.c.payload,
            AUDIT_LOG.c.seq, AUDIT_LOG.c.item_id,
        )
        .join(OUTBOX, OUTBOX.c.action_id == DELIVERIES.c.action_id)
        .join(AUDIT_LOG, AUDIT_LOG.c.action_id == DELIVERIES.c.action_id)
        .where(*kept)
        .order_by(AUDIT_LOG.c.seq)
    )  # fmt: skip
    yield from connection.execute(query).mappings()


def _object_of(row: Any) -> str:
    payload = json.loads(row["payload"])
    return row["order_id"] or f"{payload['entity_type']}/{payload['entity_id']}"


def _message(row: Any, attempts: int = 0, batch_id: str = "") -> Message:
    return Message(
        action_id=row["action_id"], system=row["system"], verb=row["verb"],
        order_id=row["order_id"], payload=json.loads(row["payload"]), seq=row["seq"],
        attempts=attempts, batch_id=batch_id, item_id=row["item_id"],
    )  # fmt: skip


def due_systems(ledger: Ledger, now: datetime) -> list[str]:
    """Systems that something can be sent to now."""
    with ledger.reading() as connection:
        return sorted({row["system"] for row in _due(connection, now)})


def _due(connection: Connection, now: datetime, *kept: Any) -> Iterator[Any]:
    """The oldest open delivery of each object and system, where its time has come.

    The younger ones wait behind it: a system hears of an order in the order of the decisions.
    """
    seen: set[tuple[str, str]] = set()
    for row in _rows(connection, DELIVERIES.c.state.in_(_OPEN), *kept):
        place = (row["system"], _object_of(row))
        if place in seen:
            continue
        seen.add(place)
        if row["state"] == "pending" or row["next_try_at"] <= now:
            yield row


def claim(ledger: Ledger, system: str, now: datetime, *, limit: int) -> list[Message]:
    """Takes what can be sent to a system now, for as long as the lease lasts.

    Messages that were claimed together before stay together, so a file that was written is written
    again under its name.
    """
    lease = timedelta(minutes=get_policy().limits["delivery_lease_minutes"])
    with ledger.writing() as connection:
        rows = list(_due(connection, now, DELIVERIES.c.system == system))
        batches = [row["batch_id"] for row in rows if row["batch_id"]]
        if batches:
            rows = [row for row in rows if row["batch_id"] == batches[0]]
        rows = rows if batches else rows[:limit]
        name = batches[0] if batches else _batch_name(rows, now)
        claimed = [_message(row, row["attempts"] + 1, name) for row in rows]
        for message in claimed:
            _set(
                connection, message, state="sent", attempts=message.attempts, batch_id=name,
                sent_at=now, next_try_at=now + lease,
            )  # fmt: skip
    return claimed


def _batch_name(rows: list[Any], now: datetime) -> str:
    return f"{now:%Y%m%dT%H%M%S}-{rows[0]['action_id'][2:14]}" if rows else ""


def _set(connection: Connection, message: Message, **values: Any) -> None:
    mine = (DELIVERIES.c.action_id == message.action_id) & (DELIVERIES.c.system == message.system)
    connection.execute(update(DELIVERIES).where(mine).values(**values))


def settle(ledger: Ledger, message: Message, answer: Answer, now: datetime) -> str:
    """Records what a system said to a claimed message; returns the state it is in now."""
    with ledger.writing() as connection:
        mine = (DELIVERIES.c.action_id == message.action_id) & (
            DELIVERIES.c.system == message.system
        )
        row = connection.execute(select(DELIVERIES).where(mine)).mappings().one()
        if (row["state"], row["attempts"]) != ("sent", message.attempts):
            return row["state"]  # The lease ran out and somebody else has sent it since.
        state, wait = _next(answer, message.attempts)
        _set(
            connection, message, state=state, code=answer.code, reference=answer.reference,
            next_try_at=now + wait if wait else None, ended_at=None if wait else now,
            batch_id=message.batch_id if state == "answered" else None,
        )  # fmt: skip
        _append(connection, message, f"delivery_{state}", answer, now)
        _sum_up(connection, message, answer)
    return state


def put_back(ledger: Ledger, messages: Iterable[Message], now: datetime) -> None:
    """Claimed messages that were not sent after all, because their system does not answer."""
    wait = timedelta(minutes=get_policy().limits["delivery_wait_minutes"])
    with ledger.writing() as connection:
        for message in messages:
            _set(
                connection, message, state="failed", attempts=message.attempts - 1,
                batch_id=None, next_try_at=now + wait,
            )  # fmt: skip


def _next(answer: Answer, attempts: int) -> tuple[str, timedelta | None]:
    limits = get_policy().limits
    if answer.outcome == ANSWERED:
        return "answered", None
    if answer.outcome == REFUSED or attempts >= limits["delivery_tries"]:
        return "given_up", None
    return "failed", timedelta(minutes=limits["delivery_wait_minutes"]) * 2 ** (attempts - 1)


def _sum_up(connection: Connection, message: Message, answer: Answer) -> None:
    """The outbox row says how its deliveries stand when the last of them has ended."""
    states = connection.execute(
        select(DELIVERIES.c.state).where(DELIVERIES.c.action_id == message.action_id)
    ).scalars()
    ended = set(states)
    if ended & set(_OPEN):
        return
    state = "given_up" if "given_up" in ended else "answered"
    _mark(connection, message.action_id, state=state, answer=answer.code)


def _append(
    connection: Connection, message: Message, verb: str, answer: Answer, now: datetime
) -> None:
    entry = {
        "action_id": new_action_id(),
        "stream": "delivery",
        "at": now,
        "verb": verb,
        "actor_id": SENDER,
        "actor_role": SENDER,
        "item_id": message.item_id,
        "entity_type": "message",
        "entity_id": message.key,
        "order_id": message.order_id,
        "reason_code": answer.code,
        "args": {
            "sent_verb": message.verb,
            "shop_id": message.payload.get("shop_id"),
            "system": message.system,
            "attempt": message.attempts,
            "reference": answer.reference,
        },
    }
    append(connection, entry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How one message to one system stands."""

    key: str
    verb: str
    order_id: str | None
    shop_id: str | None
    system: str
    state: str
    attempts: int
    decided_at: datetime
    next_try_at: datetime | None
    ended_at: datetime | None
    code: str | None
    reference: str | None


def deliveries(ledger: Ledger, *, states: Iterable[str] = (), limit: int = 200) -> list[Delivery]:
    """Messages and how they stand, the newest first."""
    query = (
        select(DELIVERIES, OUTBOX.c.verb, OUTBOX.c.order_id, OUTBOX.c.payload, OUTBOX.c.created_at)
        .join(OUTBOX, OUTBOX.c.action_id == DELIVERIES.c.action_id)
        .order_by(OUTBOX.c.created_at.desc(), DELIVERIES.c.action_id, DELIVERIES.c.system)
        .limit(limit)
    )
    wanted = sorted(states)
    if wanted:
        query = query.where(DELIVERIES.c.state.in_(wanted))
    with ledger.reading() as connection:
        return [
            Delivery(
                key=f"{row['action_id']}.{row['system']}", verb=row["verb"],
                order_id=row["order_id"], shop_id=json.loads(row["payload"]).get("shop_id"),
                system=row["system"], state=row["state"], attempts=row["attempts"],
                decided_at=row["created_at"], next_try_at=row["next_try_at"],
                ended_at=row["ended_at"], code=row["code"], reference=row["reference"],
            )
            for row in connection.execute(query).mappings()
        ]  # fmt: skip


def delivery_counts(ledger: Ledger) -> dict[str, int]:
    """How many messages are in which state; `waiting` are those that can still be taken back."""
    by_state = select(DELIVERIES.c.state, func.count()).group_by(DELIVERIES.c.state)
    waiting = select(func.count()).where(OUTBOX.c.state == "pending")
    with ledger.reading() as connection:
        counts = {state: number for state, number in connection.execute(by_state)}
        held = connection.execute(waiting).scalar_one()
    return counts | ({"waiting": held} if held else {})


def system_counts(ledger: Ledger) -> dict[str, dict[str, int]]:
    """System -> state -> how many messages."""
    query = select(DELIVERIES.c.system, DELIVERIES.c.state, func.count()).group_by(
        DELIVERIES.c.system, DELIVERIES.c.state
    )
    found: dict[str, dict[str, int]] = {}
    with ledger.reading() as connection:
        for system, state, number in connection.execute(query):
            found.setdefault(system, {})[state] = number
    return found
