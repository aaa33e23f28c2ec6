"""The hash chain: how a row is put into canonical form, hashed, appended and checked.

Each row's hash covers every field of the row and the hash before it, so an edited, deleted,
swapped or inserted row breaks the chain at that row. A cut tail does not: that takes an anchor kept
somewhere else (`head`). Comments are covered by a salted hash: one can be erased and the chain
still holds.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from orderhouse.ledger.tables import AUDIT_LOG, COMMENTS

DOMAIN = b"orderhouse-audit-v1\n"
GENESIS = "0" * 64
HASHED = tuple(
    sorted(column.name for column in AUDIT_LOG.c if column.name not in {"prev_hash", "hash"})
)


def canonical(value: Any) -> str:
    """JSON with sorted keys, no spaces, NFC text: one value, one spelling."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain
    )
    return unicodedata.normalize("NFC", text)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    return str(value)


def digest(prev_hash: str, row: Mapping[str, Any]) -> str:
    """The hash of a row that follows `prev_hash`."""
    body = canonical({name: row[name] for name in HASHED})
    return hashlib.sha256(DOMAIN + prev_hash.encode() + b"\n" + body.encode()).hexdigest()


def body_digest(body: Mapping[str, Any]) -> str:
    """The hash by which a repeated request is recognised."""
    return hashlib.sha256(canonical(body).encode()).hexdigest()


def comment_digest(salt: str, body: str) -> str:
    return hashlib.sha256(f"{salt}\n{body}".encode()).hexdigest()


def new_action_id() -> str:
    return f"a-{secrets.token_hex(12)}"


def append(connection: Connection, entry: Mapping[str, Any], *, comment: str | None = None) -> int:
    """Append one row to the chain inside the caller's write transaction; returns its number.

    `entry` names columns of `audit_log`; what it leaves out is null. `args`, `before` and `after`
    are given as mappings and stored as canonical JSON.
    """
    last = connection.execute(
        select(AUDIT_LOG.c.seq, AUDIT_LOG.c.hash).order_by(AUDIT_LOG.c.seq.desc()).limit(1)
    ).first()
    seq, prev_hash = (last.seq + 1, last.hash) if last else (1, GENESIS)
    row: dict[str, Any] = {name: entry.get(name) for name in HASHED}
    row |= {name: canonical(entry.get(name) or {}) for name in ("args", "before", "after")}
    row["seq"] = seq
    if comment:
        salt = secrets.token_hex(16)
        row["comment_hash"] = comment_digest(salt, comment)
        connection.execute(
            insert(COMMENTS), {"action_id": row["action_id"], "salt": salt, "body": comment}
        )
    row["prev_hash"] = prev_hash
    row["hash"] = digest(prev_hash, row)
    connection.execute(insert(AUDIT_LOG), row)
    return seq
