"""Signing in and staying signed in: server-side sessions, lockout, the login log.

The browser holds a random token, the ledger only its sha256. A session ends by idling, by age, by
signing out or when its account is disabled, and is looked up again at every run and every action.
An unknown name costs the same time and gets the same words as a wrong password.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, delete, insert, select, update

from orderhouse.access import Policy, get_policy
from orderhouse.ledger.chain import append, new_action_id
from orderhouse.ledger.engine import Ledger
from orderhouse.ledger.errors import Denied
from orderhouse.ledger.tables import FAILURES, SESSIONS, USERS

# `seen_at` is written at most this often: a page costs a read, not a write.
SEEN_EVERY = timedelta(seconds=60)
LONGEST_LOCK = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A person who is signed in. Nothing in it is trusted when they act: `fresh` reads again."""

    session_id: str
    user_id: str
    login: str
    display_name: str
    roles: tuple[str, ...]
    shops: tuple[str, ...] | None
    locale: str | None
    started_at: datetime
    ip: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """The answer to a sign-in: a token, or the code of the one refusal there is."""

    token: str | None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class _Client:
    ip: str | None
    user_agent: str | None


def token_digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@lru_cache(maxsize=4)
def _decoy(passwords: PasswordHasher) -> str:
    return passwords.hash(secrets.token_hex(16))


def _matches(passwords: PasswordHasher, stored: str, password: str) -> bool:
    try:
        return passwords.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def sign_in(  # noqa: PLR0913  the login log records all of it
    ledger: Ledger,
    login: str,
    password: str,
    *,
    ip: str | None,
    user_agent: str | None,
    now: datetime,
    policy: Policy | None = None,
) -> SignIn:
    """Check a name and a password; returns a token for the cookie or an error code."""
    policy, client = policy or get_policy(), _Client(ip, user_agent)
    name = login.strip().casefold()[:80]
    with ledger.reading() as connection:
        user = connection.execute(select(USERS).where(USERS.c.login == name)).mappings().first()
    # Outside the write lock: this is meant to be slow.
    stored = user["password_hash"] if user else _decoy(ledger.passwords)
    is_right = _matches(ledger.passwords, stored, password) and user is not None
    subjects = [_account(name)] + ([f"ip:{ip}"] if ip else [])
    with ledger.writing() as connection:
        is_locked = any(_is_locked(connection, subject, now) for subject in subjects)
        if user is None or not is_right or not user["is_active"] or is_locked:
            for subject in subjects:
                _count_failure(connection, policy, subject, now)
            verb = "sign_in_locked" if is_locked else "sign_in_failed"
            _log(connection, user, name, verb, client, now)
            return SignIn(token=None, error="login.refused")
        connection.execute(delete(FAILURES).where(FAILURES.c.subject == subjects[0]))
        if ledger.passwords.check_needs_rehash(stored):
            stored = ledger.passwords.hash(password)
        connection.execute(
            update(USERS)
            .where(USERS.c.user_id == user["user_id"])
            .values(signed_in_at=now, password_hash=stored)
        )
        token = _start(connection, policy, user["user_id"], client, now)
        _log(connection, user, name, "sign_in_ok", client, now)
    return SignIn(token=token)


def start_session(
    ledger: Ledger, login: str, *, now: datetime, ip: str = "console", policy: Policy | None = None
) -> str:
    """A token without a password, for the command line of this machine; it is logged as such."""
    policy, name = policy or get_policy(), login.strip().casefold()
    with ledger.writing() as connection:
        user = connection.execute(select(USERS).where(USERS.c.login == name)).mappings().first()
        if user is None or not user["is_active"]:
            raise Denied("login.refused")
        connection.execute(
            update(USERS).where(USERS.c.user_id == user["user_id"]).values(signed_in_at=now)
        )
        token = _start(connection, policy, user["user_id"], _Client(ip, "console"), now)
        _log(connection, user, name, "sign_in_console", _Client(ip, "console"), now)
    return token


def _start(
    connection: Connection,
    policy: Policy,
    user_id: str,
    client: _Client,
    now: datetime,
) -> str:
    token = secrets.token_urlsafe(32)
    row = {
        "token_hash": token_digest(token),
        "session_id": f"s-{secrets.token_hex(12)}",
        "user_id": user_id,
        "created_at": now,
        "seen_at": now,
        "expires_at": now + timedelta(hours=policy.limits["session_hours"]),
        "ip": client.ip,
        "user_agent": (client.user_agent or "")[:200],
    }
    connection.execute(insert(SESSIONS), row)
    return token


def _account(name: str) -> str:
    return "login:" + hashlib.sha256(name.encode()).hexdigest()[:40]


def _is_locked(connection: Connection, subject: str, now: datetime) -> bool:
    until = connection.execute(
        select(FAILURES.c.locked_until).where(FAILURES.c.subject == subject)
    ).scalar()
    return until is not None and until > now


def _count_failure(connection: Connection, policy: Policy, subject: str, now: datetime) -> None:
    """One failure more; past the limit each one doubles the wait, up to fifteen minutes."""
    is_address = subject.startswith("ip:")
    limit = policy.limits["login_failures_per_address" if is_address else "login_failures"]
    window = timedelta(minutes=policy.limits["login_window_minutes"])
    row = connection.execute(select(FAILURES).where(FAILURES.c.subject == subject)).first()
    count, since, locked = 1, now, None
    if row is not None and now - row.window_started_at < window:
        count, since = row.failures + 1, row.window_started_at
    if count >= limit:
        locked = now + min(LONGEST_LOCK, timedelta(minutes=2 ** min(count - limit, 10)))
    connection.execute(delete(FAILURES).where(FAILURES.c.subject == subject))
    values = {
        "subject": subject,
        "failures": count,
        "window_started_at": since,
        "locked_until": locked,
    }
    connection.execute(insert(FAILURES), values)


def _log(
    connection: Connection,
    user: Any,
    name: str,
    verb: str,
    client: _Client,
    now: datetime,
) -> None:
    # A wrong name may be a password typed into the wrong field: only its digest is kept.
    who = user["user_id"] if user else "unknown"
    entry = {
        "action_id": new_action_id(),
        "stream": "auth",
        "at": now,
        "verb": verb,
        "actor_id": who,
        "ip": client.ip,
        "entity_type": "login",
        "entity_id": user["login"] if user else _account(name),
        "args": {"user_agent": (client.user_agent or "")[:200]},
    }
    append(connection, entry)


def _session_query() -> Any:
    return select(SESSIONS, USERS).join(USERS, USERS.c.user_id == SESSIONS.c.user_id)


def _is_alive(row: Any, now: datetime, policy: Policy) -> bool:
    idle = timedelta(minutes=policy.limits["session_idle_minutes"])
    return (
        row["ended_at"] is None
        and bool(row["is_active"])
        and row["expires_at"] > now
        and now - row["seen_at"] <= idle
    )


def _from_row(row: Any) -> Session:
    return Session(
        session_id=row["session_id"],
        user_id=row["user_id"],
        login=row["login"],
        display_name=row["display_name"],
        roles=tuple(json.loads(row["roles"])),
        shops=None if row["shops"] is None else tuple(json.loads(row["shops"])),
        locale=row["locale"],
        started_at=row[SESSIONS.c.created_at],
        ip=row["ip"],
    )


def session_for(
    ledger: Ledger, token: str | None, now: datetime, policy: Policy | None = None
) -> Session | None:
    """The session behind a cookie, or None; keeps it awake."""
    if not token:
        return None
    policy, token_hash = policy or get_policy(), token_digest(token)
    with ledger.reading() as connection:
        query = _session_query().where(SESSIONS.c.token_hash == token_hash)
        row = connection.execute(query).mappings().first()
    if row is None or not _is_alive(row, now, policy):
        return None
    if now - row["seen_at"] >= SEEN_EVERY:
        with ledger.writing() as connection:
            seen = update(SESSIONS).where(SESSIONS.c.token_hash == token_hash)
            connection.execute(seen.values(seen_at=now))
    return _from_row(row)


def fresh(
    connection: Connection, session: Session, now: datetime, policy: Policy | None = None
) -> Session:
    """The session as the database has it now, inside the caller's transaction; or `Denied`."""
    query = _session_query().where(SESSIONS.c.session_id == session.session_id)
    row = connection.execute(query).mappings().first()
    if row is None or not _is_alive(row, now, policy or get_policy()):
        raise Denied("ledger.session_ended")
    return _from_row(row)


def sign_out(ledger: Ledger, token: str, now: datetime) -> None:
    """End a session. Ending one that has ended is nothing."""
    with ledger.writing() as connection:
        query = _session_query().where(SESSIONS.c.token_hash == token_digest(token))
        row = connection.execute(query).mappings().first()
        if row is None or row["ended_at"] is not None:
            return
        ended = update(SESSIONS).where(SESSIONS.c.token_hash == token_digest(token))
        connection.execute(ended.values(ended_at=now))
        _log(connection, row, row["login"], "sign_out", _Client(row["ip"], row["user_agent"]), now)
