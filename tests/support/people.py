"""People for tests: one of each role, with passwords that hash in no time."""

from __future__ import annotations

from datetime import datetime

from argon2 import PasswordHasher

from orderhouse.ledger import Ledger, NewUser, Session, create_user, session_for, start_session

NOW = datetime(2026, 11, 21, 9, 0)
PASSWORD = "a long enough secret"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def add_person(
    ledger: Ledger, login: str, *roles: str, shops: tuple[str, ...] | None = None
) -> str:
    """An account; returns its user id."""
    new = NewUser(
        login=login, display_name=login.title(), roles=roles, password=PASSWORD, shops=shops
    )
    return create_user(ledger, new, now=NOW).user_id


def signed_in(ledger: Ledger, login: str, now: datetime = NOW) -> Session:
    """A session without going through the password."""
    session = session_for(ledger, start_session(ledger, login, now=now), now)
    assert session is not None
    return session
