"""Supplier statements through the page: choose, draft, submit, a second person, the account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from dashboards.supplier_accounts import Account, total
from orderhouse.ledger import Ledger, Statement, StatementLine, statements_of
from tests.support.people import NOW
from tests.support.suppliers import AGES

Open = Callable[..., AppTest]
EVERYTHING = Decimal("60.10") * 6 + 15 - Decimal("36.05")


def choose(at: AppTest, rows: list[int]) -> AppTest:
    """Tick these rows of the table of lines and no others."""
    key = next(str(table.proto.id) for table in at.dataframe if "owed_" in str(table.proto.id))
    name = key[key.index("owed_") :]
    at.session_state[name] = {"selection": {"rows": rows, "columns": [], "cells": []}}
    return at.run()


def drafted(at: AppTest) -> AppTest:
    at.button(key="statement_draft").click().run()
    assert not at.exception, at.exception
    return at


def figures(at: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in at.metric}


def test_all_free_lines_are_ticked_and_make_a_statement(open_page: Open, ledger: Ledger) -> None:
    at = drafted(open_page("statements", "finance"))
    [statement] = statements_of(ledger)
    assert (statement.status, statement.supplier_id, len(statement.lines)) == ("draft", "SUP2", 8)
    assert statement.total_amount == EVERYTHING
    assert at.query_params["id"] == statement.statement_id


def test_what_is_not_ticked_stays_out_and_is_offered_again(open_page: Open, ledger: Ledger) -> None:
    at = open_page("statements", "finance")
    drafted(choose(at, [0, 2]))
    [first] = statements_of(ledger)
    assert len(first.lines) == 2
    again = open_page("statements", "finance")
    drafted(again)
    newest, oldest = sorted(statements_of(ledger), key=lambda one: -len(one.lines))
    assert len(newest.lines) == 6
    assert not {line.line_id for line in newest.lines} & {line.line_id for line in oldest.lines}


def test_submitted_by_one_approved_by_another_paid(open_page: Open, ledger: Ledger) -> None:
    at = drafted(open_page("statements", "finance"))
    at.button(key="do_statement_submit").click().run()
    [statement] = statements_of(ledger)
    with pytest.raises(KeyError):
        at.button(key="do_statement_approve")
    supervisor = open_page("statements", "finance-supervisor", id=statement.statement_id)
    assert figures(supervisor)["未对账余额"] == f"¥{EVERYTHING}"
    supervisor.button(key="do_statement_approve").click().run()
    assert not supervisor.exception
    assert figures(supervisor)["未对账余额"] == "¥0.00"
    assert figures(supervisor)["已对账"] == f"¥{EVERYTHING}"
    clerk = open_page("statements", "finance", id=statement.statement_id)
    clerk.button(key="do_statement_pay").click().run()
    assert statements_of(ledger)[0].status == "paid"


def test_a_rejected_statement_is_changed_and_submitted_again(
    open_page: Open, ledger: Ledger
) -> None:
    at = drafted(open_page("statements", "finance"))
    at.button(key="do_statement_submit").click().run()
    name = statements_of(ledger)[0].statement_id
    supervisor = open_page("statements", "finance-supervisor", id=name)
    supervisor.selectbox(key="statement_reason").select("lines_wrong")
    supervisor.button(key="do_statement_reject").click().run()
    assert not supervisor.exception
    clerk = open_page("statements", "finance", id=name)
    drafted(choose(clerk, [0, 1, 2]))
    clerk.button(key="do_statement_submit").click().run()
    [statement] = statements_of(ledger)
    assert (statement.status, statement.version, len(statement.lines)) == ("submitted", 5, 3)


def test_a_reason_that_needs_a_note_is_refused_in_words(open_page: Open, ledger: Ledger) -> None:
    at = drafted(open_page("statements", "finance"))
    at.button(key="do_statement_submit").click().run()
    name = statements_of(ledger)[0].statement_id
    supervisor = open_page("statements", "finance-supervisor", "en", id=name)
    supervisor.selectbox(key="statement_reason").select("other")
    supervisor.button(key="do_statement_reject").click().run()
    assert statements_of(ledger)[0].status == "submitted"
    assert any("This reason needs a note" in str(item.value) for item in supervisor.toast) or any(
        "This reason needs a note" in str(item.value) for item in supervisor.error
    )


def test_a_statement_of_a_month_takes_that_month_only(open_page: Open, ledger: Ledger) -> None:
    at = open_page("statements", "finance", month=f"{NOW:%Y-%m}")
    drafted(at)
    [statement] = statements_of(ledger)
    in_month = sum((NOW - timedelta(days=days)).month == NOW.month for days in AGES)
    assert sum(line.kind == "shipment" for line in statement.lines) == in_month


def test_saving_one_month_of_a_draft_keeps_its_other_months(
    open_page: Open, ledger: Ledger
) -> None:
    drafted(open_page("statements", "finance"))
    [before] = statements_of(ledger)
    at = open_page("statements", "finance", id=before.statement_id, month=f"{NOW:%Y-%m}")
    drafted(choose(at, [0]))
    [after] = statements_of(ledger)
    shown = sum((NOW - timedelta(days=days)).month == NOW.month for days in (*AGES, 20, 21))
    assert len(after.lines) == len(before.lines) - shown + 1
    assert after.version == before.version + 1


def _line(number: int, kind: str, cents: int, days: float) -> dict[str, Any]:
    return {
        "line_id": f"{kind}|{number}", "line_kind": kind, "amount": Decimal(cents) / 100,
        "owed_at": NOW - timedelta(days=days),
    }  # fmt: skip


LINES = st.lists(
    st.tuples(
        st.sampled_from(["shipment", "return", "compensation"]), st.integers(-90_000, 90_000),
        st.floats(0, 400),
    ),
    max_size=30,
)  # fmt: skip


STATES = st.lists(
    st.sampled_from(["", "draft", "submitted", "approved", "rejected", "paid"]),
    min_size=30,
    max_size=30,
)


@given(given_lines=LINES, states=STATES)
def test_an_account_loses_no_money(given_lines: list[Any], states: list[str]) -> None:
    """Whatever is in whichever statement: what remains is what is free and what waits."""
    lines = [_line(number, *values) for number, values in enumerate(given_lines)]
    empty = Statement(statement_id="s", supplier_id="SUP2", currency_code="CNY")
    statements = [
        replace(
            empty, statement_id=f"s{number}", status=states[number],
            lines=(StatementLine(line_id=line["line_id"], kind=line["line_kind"],
                                 amount=line["amount"]),),
        )
        for number, line in enumerate(lines)
        if states[number]
    ]  # fmt: skip
    account = Account(supplier_id="SUP2", currency_code="CNY", lines=lines, statements=statements)
    assert account.remaining() == total(account.free) + account.in_statement()
    assert total(lines) == account.remaining() + account.reconciled()
    free = [line for line in account.free if line["line_kind"] == "shipment"]
    assert sum(age.amount for age in account.ages(NOW)) == total(free)
    assert sum(age.count for age in account.ages(NOW)) == len(free)
