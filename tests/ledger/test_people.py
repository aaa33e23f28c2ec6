"""Accounts and sign-in: lockout, sessions, the login log, equal words for unknown names."""

from __future__ import annotations

from datetime import timedelta

import pytest

from orderhouse.ledger import (
    AuditFilter,
    Denied,
    Invalid,
    Ledger,
    NewUser,
    audit_rows,
    audit_verify,
    create_user,
    open_ledger,
    session_for,
    set_active,
    set_password,
    set_roles,
    sign_in,
    sign_out,
)
from orderhouse.ledger.engine import PASSWORDS
from orderhouse.ledger.tables import METADATA, SESSIONS
from tests.support.people import NOW, PASSWORD, add_person, signed_in


def _try(ledger: Ledger, login: str, password: str, minutes: float = 0) -> str | None:
    now = NOW + timedelta(minutes=minutes)
    done = sign_in(ledger, login, password, ip="203.0.113.7", user_agent="test", now=now)
    assert (done.token is None) == (done.error == "login.refused")
    return done.token


def test_passwords_are_hashed_with_argon2id_at_the_promised_cost() -> None:
    assert (PASSWORDS.type.name, PASSWORDS.memory_cost, PASSWORDS.time_cost) == ("ID", 65536, 2)


def test_only_the_hash_of_the_token_is_stored(ledger: Ledger) -> None:
    token = _try(ledger, "Reviewer ", PASSWORD)
    with ledger.reading() as connection:
        stored = str(connection.execute(SESSIONS.select()).all())
    assert token is not None and token not in stored
    session = session_for(ledger, token, NOW)
    assert session is not None and session.login == "reviewer"


def test_five_failures_lock_an_account_even_for_the_right_password(ledger: Ledger) -> None:
    for _ in range(5):
        assert _try(ledger, "reviewer", "wrong password!") is None
    assert _try(ledger, "reviewer", PASSWORD) is None
    assert _try(ledger, "second", PASSWORD) is not None
    assert _try(ledger, "reviewer", PASSWORD, minutes=16) is not None


def test_an_unknown_name_is_refused_and_locked_like_a_known_one(ledger: Ledger) -> None:
    for _ in range(6):
        assert _try(ledger, "nobody", "wrong password!") is None
    total, rows = audit_rows(ledger, AuditFilter(stream="auth"))
    verbs = [row.verb for row in reversed(rows)]
    assert (total, verbs) == (6, ["sign_in_failed"] * 5 + ["sign_in_locked"])
    assert all("nobody" not in str(row) for row in rows)


def test_a_session_ends_by_idling_by_age_by_signing_out_and_by_disabling(ledger: Ledger) -> None:
    token = _try(ledger, "reviewer", PASSWORD)
    assert session_for(ledger, token, NOW + timedelta(minutes=31)) is None
    for minutes in range(0, 481, 20):
        alive = session_for(ledger, token, NOW + timedelta(minutes=minutes))
        assert (alive is not None) == (minutes < 480)
    other = _try(ledger, "reviewer", PASSWORD)
    sign_out(ledger, other or "", NOW)
    assert session_for(ledger, other, NOW) is None
    third = _try(ledger, "reviewer", PASSWORD)
    reviewer = session_for(ledger, third, NOW)
    assert reviewer is not None
    set_active(ledger, reviewer.user_id, False, now=NOW)
    assert session_for(ledger, third, NOW) is None
    assert _try(ledger, "reviewer", PASSWORD) is None


@pytest.mark.parametrize(
    "password", ["short", "password1234", "reviewer-2026!", "aaaaaaaaaaaaaa", "Orderhouse123"]
)
def test_weak_passwords_are_refused(ledger: Ledger, password: str) -> None:
    new = NewUser(login="reviewer-2", display_name="x", roles=("cs",), password=password)
    if password.startswith("reviewer"):
        new = NewUser(login="reviewer", display_name="x", roles=("cs",), password=password)
    with pytest.raises(Invalid):
        create_user(ledger, new, now=NOW)


def test_only_an_administrator_changes_accounts_and_never_their_own(ledger: Ledger) -> None:
    boss, lead = signed_in(ledger, "boss"), signed_in(ledger, "lead")
    with pytest.raises(Denied):
        set_roles(ledger, boss.user_id, ["analyst"], shops=None, now=NOW, actor=lead)
    with pytest.raises(Denied, match="not_yourself"):
        set_roles(ledger, boss.user_id, ["finance"], shops=None, now=NOW, actor=boss)
    set_roles(ledger, lead.user_id, ["analyst"], shops=["a"], now=NOW, actor=boss)
    total, rows = audit_rows(ledger, AuditFilter(stream="people", actor_id=boss.user_id))
    assert total == 1
    assert (rows[0].before["roles"], rows[0].after["roles"]) == (["ops_lead"], ["analyst"])
    set_password(ledger, lead.user_id, "another long secret", now=NOW, actor=lead)
    with pytest.raises(Denied):
        set_password(ledger, boss.user_id, "another long secret", now=NOW, actor=lead)
    assert audit_verify(ledger).ok


def test_a_login_is_taken_once(ledger: Ledger) -> None:
    with pytest.raises(Invalid, match="login_taken"):
        add_person(ledger, "REVIEWER", "cs")


def test_opening_again_changes_nothing_and_the_tables_are_as_declared(
    ledger: Ledger, ledger_url: str
) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    open_ledger(ledger_url).close()
    with ledger.reading() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "ledger_version"})
        assert compare_metadata(context, METADATA) == []
