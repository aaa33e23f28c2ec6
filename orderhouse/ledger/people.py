"""Accounts: who there is, what they may be, and every change to that in the chain.

There is no default password and no default account: the first administrator is made at the console.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from orderhouse.access import Policy, get_policy, row_scope
from orderhouse.ledger.chain import append, canonical, new_action_id
from orderhouse.ledger.engine import Ledger
from orderhouse.ledger.errors import Denied, Invalid
from orderhouse.ledger.sessions import Session, fresh
from orderhouse.ledger.tables import SESSIONS, USERS

PASSWORD_LENGTH = range(12, 129)
# Long enough to pass the length rule and still the first things anybody tries.
COMMON_PASSWORDS = frozenset(
    {
        "123456789012",
        "1234567890123",
        "12345678901234",
        "passwordpassword",
        "password1234",
        "qwertyuiop123",
        "adminadminadmin",
        "administrator",
        "orderhouse123",
        "orderhouse1234",
        "letmeinletmein",
        "111111111111",
        "000000000000",
        "abcdefghijkl",
        "qwerty123456",
        "woaini123456",
        "a12345678901",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """One account as a list shows it; never with its password hash."""

    user_id: str
    login: str
    display_name: str
    roles: tuple[str, ...]
    shops: tuple[str, ...] | None
    locale: str | None
    is_active: bool
    created_at: datetime
    signed_in_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """What makes an account. `shops` None means every shop."""

    login: str
    display_name: str
    roles: tuple[str, ...]
    password: str
    shops: tuple[str, ...] | None = None
    locale: str | None = None


def list_users(ledger: Ledger) -> list[User]:
    with ledger.reading() as connection:
        rows = connection.execute(select(USERS).order_by(USERS.c.login)).mappings()
        return [_user(row) for row in rows]


def names_of(ledger: Ledger) -> dict[str, str]:
    """user_id -> display name, for showing who did what."""
    with ledger.reading() as connection:
        rows = connection.execute(select(USERS.c.user_id, USERS.c.display_name))
        return {row.user_id: row.display_name for row in rows}


def create_user(
    ledger: Ledger,
    new: NewUser,
    *,
    now: datetime,
    actor: Session | None = None,
    policy: Policy | None = None,
) -> User:
    """Make an account. `actor` None is the console, which is how the first one comes to be."""
    policy = policy or get_policy()
    login = new.login.strip().casefold()
    if not 2 <= len(login) <= 40 or not login.replace(".", "").replace("-", "").isalnum():
        raise Invalid("people.bad_login")
    _check_roles(policy, new.roles)
    check_password(new.password, login)
    secret = ledger.passwords.hash(new.password)
    scope = row_scope(new.shops)
    row = {
        "user_id": f"u-{secrets.token_hex(6)}",
        "login": login,
        "display_name": new.display_name.strip()[:80] or login,
        "password_hash": secret,
        "roles": canonical(sorted(set(new.roles))),
        "shops": None if scope is None else canonical(scope),
        "locale": new.locale,
        "is_active": True,
        "created_at": now,
        "signed_in_at": None,
    }
    with ledger.writing() as connection:
        if connection.execute(select(USERS.c.user_id).where(USERS.c.login == login)).first():
            raise Invalid("people.login_taken", login=login)
        connection.execute(insert(USERS), row)
        _record(connection, _actor(connection, actor, "user_create", now, policy), None, row, now)
    return _user(row)


def set_password(
    ledger: Ledger, user_id: str, password: str, *, now: datetime, actor: Session | None = None
) -> None:
    """A new password; every session of the account ends."""
    user = _find(ledger, user_id)
    check_password(password, user["login"])
    changes = {"password_hash": ledger.passwords.hash(password)}
    verb = None if actor is not None and actor.user_id == user_id else "user_password"
    _change(ledger, user_id, changes, _Change("user_password", verb, now, actor))


def set_roles(
    ledger: Ledger,
    user_id: str,
    roles: Iterable[str],
    *,
    shops: Iterable[str] | None,
    now: datetime,
    actor: Session | None = None,
) -> None:
    """Other roles and shops, from the next click on. Nobody changes their own."""
    wanted = tuple(sorted(set(roles)))
    _check_roles(get_policy(), wanted)
    if actor is not None and actor.user_id == user_id:
        raise Denied("people.not_yourself")
    scope = row_scope(shops)
    changes = {
        "roles": canonical(wanted),
        "shops": None if scope is None else canonical(scope),
    }
    _change(ledger, user_id, changes, _Change("user_roles", "user_roles", now, actor))


def set_active(
    ledger: Ledger, user_id: str, is_active: bool, *, now: datetime, actor: Session | None = None
) -> None:
    """Disable or enable an account. Disabling ends its sessions and voids its claims at once."""
    if actor is not None and actor.user_id == user_id:
        raise Denied("people.not_yourself")
    verb = "user_enable" if is_active else "user_disable"
    _change(ledger, user_id, {"is_active": is_active}, _Change(verb, verb, now, actor))


def set_locale(ledger: Ledger, session: Session, locale: str) -> None:
    """Remember a reader's language. A preference, not a decision: it is not in the chain."""
    with ledger.writing() as connection:
        chosen = update(USERS).where(USERS.c.user_id == session.user_id)
        connection.execute(chosen.values(locale=locale))


def check_password(password: str, login: str) -> None:
    """Long enough, not the first thing anybody tries. No composition rules: they weaken."""
    folded = password.casefold()
    if len(password) not in PASSWORD_LENGTH:
        raise Invalid("people.password_length", least=PASSWORD_LENGTH.start)
    if folded in COMMON_PASSWORDS or login in folded or len(set(folded)) < 5:
        raise Invalid("people.password_common")


@dataclass(frozen=True, slots=True)
class _Change:
    verb: str
    permission: str | None
    now: datetime
    actor: Session | None


def _change(ledger: Ledger, user_id: str, changes: dict[str, Any], change: _Change) -> None:
    policy = get_policy()
    with ledger.writing() as connection:
        query = select(USERS).where(USERS.c.user_id == user_id)
        before = connection.execute(query).mappings().first()
        if before is None:
            raise Invalid("ledger.no_such_user")
        who = _actor(connection, change.actor, change.permission, change.now, policy)
        connection.execute(update(USERS).where(USERS.c.user_id == user_id).values(**changes))
        if change.verb in {"user_password", "user_disable"}:
            live = update(SESSIONS).where(
                SESSIONS.c.user_id == user_id, SESSIONS.c.ended_at.is_(None)
            )
            connection.execute(live.values(ended_at=change.now))
        after = dict(before) | changes
        _record(connection, who | {"verb": change.verb}, before, after, change.now)


def _find(ledger: Ledger, user_id: str) -> Any:
    with ledger.reading() as connection:
        query = select(USERS).where(USERS.c.user_id == user_id)
        row = connection.execute(query).mappings().first()
    if row is None:
        raise Invalid("ledger.no_such_user")
    return row


def _check_roles(policy: Policy, roles: Iterable[str]) -> None:
    unknown = set(roles) - policy.roles.keys()
    if unknown or not list(roles):
        raise Invalid("people.unknown_role", role=", ".join(sorted(unknown)) or "-")


def _actor(
    connection: Connection,
    actor: Session | None,
    permission: str | None,
    now: datetime,
    policy: Policy,
) -> dict[str, Any]:
    """Who is named in the chain; checks that they may. The console needs no permission."""
    if actor is None:
        return {"actor_id": "console", "actor_role": None, "verb": permission}
    known = fresh(connection, actor, now, policy)
    role = policy.role_for(known.roles, permission, None) if permission else None
    if permission and role is None:
        raise Denied("ledger.not_allowed", verb=permission, queue=None)
    return {
        "actor_id": known.user_id,
        "actor_role": role,
        "session_id": known.session_id,
        "ip": known.ip,
        "verb": permission,
    }


def _public(row: Any) -> dict[str, Any]:
    return {
        "login": row["login"],
        "display_name": row["display_name"],
        "roles": json.loads(row["roles"]),
        "shops": None if row["shops"] is None else json.loads(row["shops"]),
        "is_active": bool(row["is_active"]),
    }


def _record(
    connection: Connection, who: dict[str, Any], before: Any, after: Any, now: datetime
) -> None:
    entry = who | {
        "action_id": new_action_id(),
        "stream": "people",
        "at": now,
        "entity_type": "user",
        "entity_id": after["user_id"],
        "before": _public(before) if before is not None else {},
        "after": _public(after),
    }
    append(connection, entry)


def _user(row: Any) -> User:
    public = _public(row)
    return User(
        user_id=row["user_id"],
        login=row["login"],
        display_name=row["display_name"],
        roles=tuple(public["roles"]),
        shops=None if public["shops"] is None else tuple(public["shops"]),
        locale=row["locale"],
        is_active=public["is_active"],
        created_at=row["created_at"],
        signed_in_at=row["signed_in_at"],
    )
