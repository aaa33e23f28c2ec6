"""The chain: any change to any field of any row is found at that row."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from orderhouse.ledger import Ledger, ObjectRef, act, audit_verify, erase_comments, head
from orderhouse.ledger.tables import AUDIT_LOG, CASE_STATES, COMMENTS, USERS
from tests.support.people import NOW, signed_in

Case = Callable[..., ObjectRef]


def _fill(ledger: Ledger, case: Case) -> None:
    who = signed_in(ledger, "reviewer")
    for number in range(3):
        for version, verb in enumerate(("claim", "review_pass", "undo")):
            args: dict[str, Any] = {"reason_code": "checked_ok"} if verb == "review_pass" else {}
            act(
                ledger,
                who,
                verb=verb,
                object=case(number),
                args=args | {"comment": f"note {number}"},
                expected_version=version,
                idempotency_key=secrets.token_hex(8),
                now=NOW + timedelta(seconds=number),
                snapshot_id="build-1",
            )


def _tamper(ledger: Ledger, *statements: Any) -> None:
    """What somebody with the database file could do: no triggers in the way."""
    with ledger.writing() as connection:
        if ledger.is_sqlite:
            names = connection.execute(
                text("select name from sqlite_master where type = 'trigger'")
            ).scalars()
            for name in list(names):
                connection.execute(text(f"drop trigger {name}"))
        else:
            for table in ("audit_log", "comments"):
                connection.execute(text(f"alter table {table} disable trigger all"))
        for statement in statements:
            connection.execute(statement)


def test_rows_cannot_be_changed_or_deleted(ledger: Ledger, case: Case) -> None:
    _fill(ledger, case)
    for statement in (
        AUDIT_LOG.update().values(verb="claim"),
        AUDIT_LOG.delete(),
        COMMENTS.delete(),
        COMMENTS.update().values(body="nothing to see"),
    ):
        with (
            pytest.raises(DBAPIError, match=r"append-only|only erased"),
            ledger.writing() as writing,
        ):
            writing.execute(statement)
    assert audit_verify(ledger).ok


def test_a_change_of_any_field_is_found_at_its_row(ledger: Ledger, case: Case) -> None:
    _fill(ledger, case)
    row = AUDIT_LOG.c.seq == 8
    with ledger.reading() as connection:
        kept = dict(connection.execute(AUDIT_LOG.select().where(row)).mappings().one())
    for column in AUDIT_LOG.c:
        changed = {int: 9_999, str: "zz"}.get(column.type.python_type, NOW + timedelta(days=400))
        _tamper(ledger, AUDIT_LOG.update().where(row).values({column.name: changed}))
        report = audit_verify(ledger)
        assert (report.ok, report.first_bad_seq) == (False, 8), column.name
        there = AUDIT_LOG.c.seq == (9_999 if column.name == "seq" else 8)
        _tamper(ledger, AUDIT_LOG.update().where(there).values({column.name: kept[column.name]}))
    assert audit_verify(ledger).ok


def test_a_deleted_swapped_or_cut_row_is_found(ledger: Ledger, case: Case) -> None:
    _fill(ledger, case)
    anchor = head(ledger)
    last = int(anchor.partition(":")[0])
    assert audit_verify(ledger, anchor).ok
    _tamper(ledger, AUDIT_LOG.delete().where(AUDIT_LOG.c.seq == last))
    report = audit_verify(ledger, anchor)
    assert (report.ok, report.reason) == (False, "tail_cut")
    _tamper(ledger, AUDIT_LOG.delete().where(AUDIT_LOG.c.seq == 5))
    assert audit_verify(ledger).first_bad_seq == 5


def test_swapped_rows_are_found(ledger: Ledger, case: Case) -> None:
    _fill(ledger, case)
    seq = AUDIT_LOG.c.seq
    _tamper(
        ledger,
        AUDIT_LOG.update().where(seq == 7).values(seq=-1),
        AUDIT_LOG.update().where(seq == 8).values(seq=7),
        AUDIT_LOG.update().where(seq == -1).values(seq=8),
    )
    assert audit_verify(ledger).first_bad_seq == 7


def test_tables_that_disagree_with_the_chain_are_found(ledger: Ledger, case: Case) -> None:
    _fill(ledger, case)
    _tamper(ledger, CASE_STATES.update().values(status="resolved"))
    assert audit_verify(ledger).reason == "case_state_changed"
    _tamper(ledger, CASE_STATES.update().values(status="open"))
    assert audit_verify(ledger).ok
    _tamper(ledger, USERS.update().where(USERS.c.login == "reviewer").values(roles='["admin"]'))
    assert audit_verify(ledger).reason == "user_changed"


def test_a_changed_comment_is_found_and_an_erased_one_is_not_a_break(
    ledger: Ledger, case: Case
) -> None:
    _fill(ledger, case)
    with ledger.reading() as connection:
        names = [row.action_id for row in connection.execute(COMMENTS.select())]
    assert erase_comments(ledger, names[:2], now=NOW) == 2
    assert audit_verify(ledger).ok
    _tamper(ledger, COMMENTS.update().where(COMMENTS.c.action_id == names[3]).values(body="x"))
    assert audit_verify(ledger).reason == "comment_changed"
