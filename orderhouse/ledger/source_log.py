"""Recording that somebody made a source: an audited decision before any file is written.

The pipelines write a mapping only when the chain says that somebody who may has accepted exactly
this text, so a file put into the folder of drafts by another hand makes no source.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from orderhouse.access import Policy, get_policy
from orderhouse.ledger.chain import append, new_action_id
from orderhouse.ledger.engine import Ledger
from orderhouse.ledger.errors import Denied
from orderhouse.ledger.sessions import Session, fresh
from orderhouse.ledger.tables import AUDIT_LOG

ACCEPT = "source_accept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What was accepted: the source, the exact text of its mapping, and what made it so.

    Attributes:
        key: what this acceptance is called by; the same one twice is one decision.
        mapping_sha256: of the text that was on screen.
        shop: whose file the sample is, where it is taken in along with it; else empty.
    """

    name: str
    key: str
    mapping_sha256: str
    shop: str = ""
    replaces: bool = False


def record_source(
    ledger: Ledger, session: Session | None, accepted: Accepted, *, now: datetime
) -> str:
    """Write that a source is accepted; returns the id of the decision.

    Args:
        session: whose decision it is; None is the console of this machine, which needs no post.

    Raises:
        Denied: the post may not.
    """
    policy = get_policy()
    with ledger.writing() as connection:
        who = _who(connection, session, policy, now)
        known = connection.execute(
            select(AUDIT_LOG.c.action_id).where(
                AUDIT_LOG.c.actor_id == who["actor_id"],
                AUDIT_LOG.c.idempotency_key == accepted.key,
            )
        ).scalar()
        if known is not None:
            return known
        entry = {
            "action_id": new_action_id(),
            "stream": "source",
            "at": now,
            "verb": ACCEPT,
            **who,
            "entity_type": "source",
            "entity_id": accepted.name,
            "args": asdict(accepted),
            "idempotency_key": accepted.key,
        }
        append(connection, entry)
        return entry["action_id"]


def _who(
    connection: Connection, session: Session | None, policy: Policy, now: datetime
) -> dict[str, str | None]:
    """Who is named in the chain; checks that they may."""
    if session is None:
        return {"actor_id": "console", "actor_role": None, "session_id": None, "ip": None}
    actor = fresh(connection, session, now, policy)
    role = policy.role_for(actor.roles, ACCEPT, None)
    if role is None or actor.shops is not None:
        raise Denied("ledger.not_allowed", verb=ACCEPT, queue=None)
    return {
        "actor_id": actor.user_id, "actor_role": role, "session_id": actor.session_id,
        "ip": actor.ip,
    }  # fmt: skip


def accepted_source(ledger: Ledger, action_id: str) -> Accepted | None:
    """What a decision accepted; None where there is no such decision."""
    with ledger.reading() as connection:
        args = connection.execute(
            select(AUDIT_LOG.c.args).where(
                AUDIT_LOG.c.action_id == action_id, AUDIT_LOG.c.verb == ACCEPT
            )
        ).scalar()
    return None if args is None else Accepted(**json.loads(args))
