"""What people decided since the snapshot was built, laid over its rows at read time.

A claim shows at once and a decided case leaves the open list at once; the next build folds the same
decisions in as events. The states are kept per process and only what changed is read again.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa

from orderhouse.ledger import CaseState, Ledger, changed_since, head_seq, list_users

SCHEMA = pa.schema(
    [
        ("item_id", pa.string()),
        ("status", pa.string()),
        ("holder", pa.string()),
        ("claimed_at", pa.timestamp("us")),
        ("snoozed_until", pa.timestamp("us")),
        ("version", pa.int64()),
    ]
)


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


def overlay_table(ledger: Ledger, now: datetime) -> pa.Table:
    """The touched cases as a table a query can join: `holder` is who holds the case at `now`."""
    known = _refresh(ledger)
    columns: dict[str, list[object]] = {name: [] for name in SCHEMA.names}
    for state in known.states.values():
        holder = state.holder(now)
        columns["item_id"].append(state.item_id)
        columns["status"].append(state.status)
        columns["holder"].append(None if holder in known.inactive else holder)
        columns["claimed_at"].append(state.claimed_at)
        columns["snoozed_until"].append(state.snoozed_until)
        columns["version"].append(state.version)
    return pa.table(columns, schema=SCHEMA)
