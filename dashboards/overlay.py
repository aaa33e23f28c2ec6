"""What people decided since the snapshot was built, laid over its rows at read time.

A claim shows at once and a decided case leaves the open list at once; the next build folds the same
decisions in as events. The states are kept per process and only what changed is read again. Where a
decision stops or pauses a clock, its case ends or is due at once as the next build says: `told`.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa

from dashboards.queries import told as told_query
from dashboards.told import Retimed, retimed
from dashboards.warehouse import Snapshot
from orderhouse.ledger import (
    CaseState,
    Ledger,
    changed_since,
    decisions_after,
    head_seq,
    list_users,
    seq_of,
)

SCHEMA = pa.schema(
    [
        ("item_id", pa.string()),
        ("status", pa.string()),
        ("holder", pa.string()),
        ("claimed_at", pa.timestamp("us")),
        ("snoozed_until", pa.timestamp("us")),
        ("version", pa.int64()),
        ("is_retimed", pa.bool_()),
        ("opened_at", pa.timestamp("us")),
        ("closed_at", pa.timestamp("us")),
        ("due_at", pa.timestamp("us")),
    ]
)
# Numbers of the chain rise in commit order; what a build saw ends near its newest decision.
_NEWEST, _OVERLAP = 200, 500


@dataclass
class _Known:
    seq: int = -1
    states: dict[str, CaseState] = field(default_factory=dict)
    inactive: frozenset[str] = frozenset()


_lock = threading.Lock()
_known: dict[str, _Known] = {}


def _refresh(ledger: Ledger) -> _Known:
    address = str(ledger.engine.url)
    newest = head_seq(ledger)
    with _lock:
        known = _known.setdefault(address, _Known())
        if newest == known.seq:
            return known
        fresh = {state.item_id: state for state in changed_since(ledger, known.seq)}
        users = list_users(ledger)
        updated = _Known(
            newest,
            known.states | fresh,
            frozenset(user.user_id for user in users if not user.is_active),
        )
        _known[address] = updated
        return updated


def _retimed(ledger: Ledger, snapshot: Snapshot, seq: int) -> dict[str, Retimed]:
    """What decisions a build has not seen make of its cases: worked out once for each decision."""
    found = snapshot.memo.get("retimed")
    address = str(ledger.engine.url)
    if found is None or found[:2] != (address, seq):
        since = seq_of(ledger, told_query.newest(snapshot, _NEWEST)) - _OVERLAP
        new = list(decisions_after(ledger, max(0, since)))
        found = (address, seq, retimed(snapshot, new))
        snapshot.memo["retimed"] = found
    return found[2]


def overlay_table(ledger: Ledger, snapshot: Snapshot, now: datetime) -> pa.Table:
    """The touched cases as a table a query can join: `holder` is who holds the case at `now`."""
    known = _refresh(ledger)
    moved = _retimed(ledger, snapshot, known.seq)
    columns: dict[str, list[object]] = {name: [] for name in SCHEMA.names}
    untouched = [CaseState.untouched(item) for item in moved if item not in known.states]
    for state in (*known.states.values(), *untouched):
        case = moved.get(state.item_id)
        columns["is_retimed"].append(case is not None)
        columns["opened_at"].append(case.opened_at if case else None)
        columns["closed_at"].append(case.closed_at if case else None)
        columns["due_at"].append(case.due_at if case else None)
        holder = state.holder(now)
        columns["item_id"].append(state.item_id)
        columns["status"].append(state.status)
        columns["holder"].append(None if holder in known.inactive else holder)
        columns["claimed_at"].append(state.claimed_at)
        columns["snoozed_until"].append(state.snoozed_until)
        columns["version"].append(state.version)
    return pa.table(columns, schema=SCHEMA)
