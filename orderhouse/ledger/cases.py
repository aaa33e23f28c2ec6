"""The state of a case: what its decisions so far add up to, and how it is read.

A case that nobody has touched has no row; its state is `CaseState.untouched`. A claim ends by
itself when it expires or when its holder's account is disabled; nobody has to write anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from orderhouse.ledger.engine import Ledger
from orderhouse.ledger.tables import CASE_STATES, USERS

DECIDED = frozenset({"resolved", "dismissed"})
CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectRef:
    """What an action is about, as the snapshot shows it. Amount and shop are only checked.

    `queue_code` None: a document that is no case of a queue.
    """

    queue_code: str | None
    item_id: str
    entity_type: str
    entity_id: str
    order_id: str | None = None
    shop_id: str | None = None
    amount: Any = None
    currency_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseState:
    """One case. `status` is open, snoozed, proposed, resolved or dismissed."""

    item_id: str
    version: int = 0
    status: str = "open"
    claimed_by: str | None = None
    claimed_at: datetime | None = None
    claim_expires_at: datetime | None = None
    snoozed_until: datetime | None = None
    resolution: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    proposal: str | None = None
    last_action_id: str | None = None
    updated_at: datetime | None = None

    @classmethod
    def untouched(cls, item_id: str) -> CaseState:
        return cls(item_id=item_id)

    @property
    def is_decided(self) -> bool:
        return self.status in DECIDED

    def holder(self, now: datetime) -> str | None:
        """Who holds the case now, if the claim has not run out."""
        if self.claimed_by is None or self.claim_expires_at is None:
            return None
        return self.claimed_by if self.claim_expires_at > now else None

    def is_asleep(self, now: datetime) -> bool:
        return (
            self.status == "snoozed" and self.snoozed_until is not None and self.snoozed_until > now
        )

    def proposed(self) -> dict[str, Any]:
        return json.loads(self.proposal) if self.proposal else {}


# What an action changes, and what undo puts back.
CHANGED = (
    "version",
    "status",
    "claimed_by",
    "claimed_at",
    "claim_expires_at",
    "snoozed_until",
    "resolution",
    "decided_by",
    "decided_at",
    "proposal",
)
_TIMES = frozenset({"claimed_at", "claim_expires_at", "snoozed_until", "decided_at"})
_READ = tuple(field.name for field in fields(CaseState))


def to_json(value: Any) -> Any:
    return value.isoformat(timespec="microseconds") if isinstance(value, datetime) else value


def as_dict(state: CaseState) -> dict[str, Any]:
    """The changeable part of a state, ready for the chain."""
    return {name: to_json(getattr(state, name)) for name in CHANGED}


def restored(state: CaseState, before: dict[str, Any]) -> CaseState:
    """`state` with what the chain said before an action, one version on."""
    values = {
        name: datetime.fromisoformat(value) if name in _TIMES and value else value
        for name, value in before.items()
        if name in CHANGED
    }
    return replace(state, **(values | {"version": state.version + 1}))


def _query() -> Any:
    columns = [CASE_STATES.c[name] for name in _READ]
    return select(*columns, USERS.c.is_active).join(
        USERS, USERS.c.user_id == CASE_STATES.c.claimed_by, isouter=True
    )


def _from_row(row: Any) -> CaseState:
    values = {name: row[name] for name in _READ}
    if row["claimed_by"] is not None and not row["is_active"]:
        values |= {"claimed_by": None, "claimed_at": None, "claim_expires_at": None}
    return CaseState(**values)


def load(connection: Connection, item_id: str) -> CaseState:
    query = _query().where(CASE_STATES.c.item_id == item_id)
    row = connection.execute(query).mappings().first()
    return _from_row(row) if row else CaseState.untouched(item_id)


def save(connection: Connection, ref: ObjectRef, state: CaseState, seq: int) -> None:
    """Write the state an action led to. Called with the writer's lock held."""
    connection.execute(delete(CASE_STATES).where(CASE_STATES.c.item_id == state.item_id))
    row = {name: getattr(state, name) for name in _READ}
    row |= {"queue_code": ref.queue_code, "order_id": ref.order_id, "updated_seq": seq}
    connection.execute(insert(CASE_STATES), row)


def case_states(ledger: Ledger, item_ids: Iterable[str]) -> dict[str, CaseState]:
    """States of the cases asked for; a case nobody touched comes back as untouched."""
    wanted = list(dict.fromkeys(item_ids))
    found = {item_id: CaseState.untouched(item_id) for item_id in wanted}
    with ledger.reading() as connection:
        for start in range(0, len(wanted), CHUNK):
            chunk = wanted[start : start + CHUNK]
            rows = connection.execute(_query().where(CASE_STATES.c.item_id.in_(chunk))).mappings()
            found |= {row["item_id"]: _from_row(row) for row in rows}
    return found


def changed_since(ledger: Ledger, seq: int) -> Iterator[CaseState]:
    """States that changed after row `seq` of the chain: what a reader's overlay is missing."""
    with ledger.reading() as connection:
        rows = connection.execute(_query().where(CASE_STATES.c.updated_seq > seq)).mappings()
        yield from [_from_row(row) for row in rows]
