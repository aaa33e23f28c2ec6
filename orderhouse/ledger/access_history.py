"""What happened to accounts, for whoever reviews rights: shaped like the stream `access_events`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import RowMapping

from orderhouse.access import get_policy
from orderhouse.ledger.engine import Ledger
from orderhouse.ledger.history import rows_after
from orderhouse.ledger.tables import AUDIT_LOG

# Streams of the chain that tell about accounts; of `access` only the looks behind a mask.
_STREAMS = ("people", "auth", "error")


def access_events_after(ledger: Ledger, seq: int, *, overlap: int = 0) -> Iterator[dict[str, Any]]:
    """Changes of rights, sign-ins, reveals and page errors numbered above `seq`, plus `seq`.

    Names, addresses and browsers stay behind: an account is its id.
    """
    told = AUDIT_LOG.c.stream.in_(_STREAMS) | (AUDIT_LOG.c.verb == "reveal")
    yield from map(_event, rows_after(ledger, seq - overlap, told))


def _event(row: RowMapping) -> dict[str, Any]:
    is_change = row["stream"] == "people"
    after = json.loads(row["after"]) if is_change else {}
    args = json.loads(row["args"])
    roles = after.get("roles", ())
    return {
        "seq": row["seq"],
        "access_event_id": row["action_id"],
        "verb": row["verb"],
        "happened_at": row["at"],
        "account_id": row["entity_id"] if is_change else row["actor_id"],
        "actor_id": row["actor_id"],
        "account_state": ("active" if after["is_active"] else "disabled") if after else None,
        "roles": "|".join(roles) or None,
        "role_conflict": "|".join("+".join(pair) for pair in get_policy().conflicts_of(roles))
        or None,
        "subject": args.get("subject") or _code(args.get("kind")),
    }


def _code(kind: str | None) -> str | None:
    """The name of an exception as records write codes: TimeoutError is timeout_error."""
    return kind and re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", kind).lower()
