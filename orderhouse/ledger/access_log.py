"""Recording what people looked at or took away: reveals, exports, errors, erased comments.

Each function appends to the chain before the thing it records is handed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, update

from orderhouse.access import get_policy
from orderhouse.ledger.chain import append, new_action_id
from orderhouse.ledger.engine import Ledger
from orderhouse.ledger.errors import Denied, Invalid
from orderhouse.ledger.sessions import Session, fresh
from orderhouse.ledger.tables import AUDIT_LOG, COMMENTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One look or one take-away: what, of which thing, in which snapshot, and why."""

    entity_type: str
    entity_id: str
    snapshot_id: str
    order_id: str | None = None
    reason_code: str | None = None
    comment: str | None = None
    args: Mapping[str, Any] | None = None


def record_reveal(
    ledger: Ledger, session: Session, access: Access, *, subject: str, now: datetime
) -> str:
    """Write that a masked value is about to be shown; or refuse: no right, reason or allowance."""
    policy = get_policy()
    if access.reason_code not in policy.reasons["reveal"]:
        raise Invalid("ledger.reason_needed")
    with ledger.writing() as connection:
        actor = fresh(connection, session, now, policy)
        if not policy.may_reveal(actor.roles, subject):
            raise Denied("ledger.not_allowed", verb="reveal", queue=None)
        if _revealed_lately(connection, actor, now) >= policy.limits["reveals_per_hour"]:
            raise Denied("ledger.too_many_reveals", limit=policy.limits["reveals_per_hour"])
        return _append(connection, actor, "reveal", access, now, {"subject": subject})


def record_export(ledger: Ledger, session: Session, access: Access, *, now: datetime) -> str:
    """Write that rows are about to leave as a file."""
    with ledger.writing() as connection:
        actor = fresh(connection, session, now)
        limit = get_policy().export_rows(actor.roles)
        if int((access.args or {}).get("rows", 0)) > limit:
            raise Denied("ledger.export_too_large", limit=limit)
        return _append(connection, actor, "export", access, now, {})


def record_error(
    ledger: Ledger, session: Session | None, *, error_id: str, kind: str, now: datetime
) -> None:
    """Write that a page failed. The text of an exception may hold data, so it stays in the log."""
    entry = {
        "action_id": new_action_id(),
        "stream": "error",
        "at": now,
        "verb": "page_error",
        "actor_id": session.user_id if session else "unknown",
        "entity_type": "error",
        "entity_id": error_id,
        "args": {"kind": kind},
    }
    with ledger.writing() as connection:
        append(connection, entry)


def erase_comments(
    ledger: Ledger, action_ids: Iterable[str], *, now: datetime, actor: Session | None = None
) -> int:
    """Make comments unreadable for good; the chain still verifies. `actor` None: the console."""
    wanted = sorted(set(action_ids))
    with ledger.writing() as connection:
        who = {"actor_id": "console"}
        if actor is not None:
            known = fresh(connection, actor, now)
            if get_policy().role_for(known.roles, "comment_erase", None) is None:
                raise Denied("ledger.not_allowed", verb="comment_erase", queue=None)
            who = {"actor_id": known.user_id, "session_id": known.session_id, "ip": known.ip}
        erased = connection.execute(
            update(COMMENTS)
            .where(COMMENTS.c.action_id.in_(wanted), COMMENTS.c.erased_at.is_(None))
            .values(body=None, salt=None, erased_at=now)
        ).rowcount
        entry = who | {
            "action_id": new_action_id(),
            "stream": "access",
            "at": now,
            "verb": "comment_erase",
            "args": {"action_ids": wanted},
        }
        append(connection, entry)
    return erased


def _revealed_lately(connection: Connection, actor: Session, now: datetime) -> int:
    return connection.execute(
        select(func.count())
        .select_from(AUDIT_LOG)
        .where(
            AUDIT_LOG.c.actor_id == actor.user_id,
            AUDIT_LOG.c.verb == "reveal",
            AUDIT_LOG.c.at > now - timedelta(hours=1),
        )
    ).scalar_one()


def _append(
    connection: Connection,
    actor: Session,
    verb: str,
    access: Access,
    now: datetime,
    extra: Mapping[str, Any],
) -> str:
    action_id = new_action_id()
    entry = {
        "action_id": action_id,
        "stream": "access",
        "at": now,
        "verb": verb,
        "actor_id": actor.user_id,
        "actor_role": max(actor.roles, default=None),
        "session_id": actor.session_id,
        "ip": actor.ip,
        "entity_type": access.entity_type,
        "entity_id": access.entity_id,
        "order_id": access.order_id,
        "reason_code": access.reason_code,
        "args": dict(access.args or {}) | dict(extra),
        "snapshot_id": access.snapshot_id,
    }
    append(connection, entry, comment=access.comment)
    return action_id
