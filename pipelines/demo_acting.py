"""How people of the demo business act: signed in as themselves, each step once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from orderhouse.ledger import Ledger, ObjectRef, Session, act, session_for, start_session


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Who does what, when (UTC), and what is told with it."""

    login: str
    verb: str
    at: datetime
    args: Mapping[str, Any] = field(default_factory=dict)


def sign_in(ledger: Ledger, login: str, now: datetime) -> Session:
    """A session of an account of the demo; it stays in the log like any other."""
    session = session_for(ledger, start_session(ledger, login, now=now, ip="127.0.0.1"), now)
    if session is None:
        raise RuntimeError(f"the demo account {login} cannot sign in")
    return session


def perform(ledger: Ledger, item: ObjectRef, version: int, step: Step) -> str:
    """Does the step that follows on `version` others; returns the state it leads to."""
    return act(
        ledger,
        sign_in(ledger, step.login, step.at),
        verb=step.verb,
        object=item,
        args=step.args,
        expected_version=version,
        idempotency_key=f"demo-{item.item_id}-{version}",
        now=step.at,
        snapshot_id="demo",
    ).state


def item_id(queue: str, entity_type: str, entity_id: str, episode: int = 1) -> str:
    """The number `queue_items` gives to a case."""
    return md5(f"{queue}|{entity_type}|{entity_id}|{episode}")


def md5(key: str) -> str:
    """The digest ids are made of."""
    return hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()
