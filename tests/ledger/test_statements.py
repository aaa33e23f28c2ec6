"""Statements with suppliers: one life, two people, no line twice, and a chain that tells it all."""

from __future__ import annotations

import secrets
import tempfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import update

from orderhouse.ledger import (
    ActResult,
    Conflict,
    Denied,
    Invalid,
    Ledger,
    LedgerError,
    ObjectRef,
    act,
    audit_verify,
    decisions_after,
    open_ledger,
    statement_lines_after,
    statements_of,
    taken_lines,
)
from orderhouse.ledger.statements import HOLDING, replayed
from orderhouse.ledger.tables import STATEMENTS
from tests.support.people import CHEAP, NOW, add_person, signed_in

SHIPPED, RETURNED = ["shipment|a", "shipment", "60.00"], ["return|c", "return", "-30.00"]


def do(
    ledger: Ledger, person: str, verb: str, statement: str, version: int, **args: Any
) -> ActResult:
    now = args.pop("now", NOW)
    return act(
        ledger,
        signed_in(ledger, person, now),
        verb=verb,
        object=ObjectRef(
            queue_code="Q34", item_id=statement, entity_type="statement", entity_id=statement
        ),
        args=args,
        expected_version=version,
        idempotency_key=secrets.token_hex(8),
        now=now,
        snapshot_id="build-1",
    )


def draft(
    ledger: Ledger, statement: str = "st-1", version: int = 0, person: str = "clerk",
    lines: Any = (SHIPPED, RETURNED),
) -> ActResult:  # fmt: skip
    return do(
        ledger, person, "statement_draft", statement, version,
        supplier_id="SUP2", currency_code="CNY", lines=list(lines),
    )  # fmt: skip


def test_a_statement_goes_from_draft_to_paid(ledger: Ledger) -> None:
    draft(ledger)
    do(ledger, "clerk", "statement_submit", "st-1", 1)
    do(ledger, "auditor", "statement_approve", "st-1", 2)
    done = do(ledger, "clerk", "statement_pay", "st-1", 3)
    assert (done.version, done.state) == (4, "paid")
    [statement] = statements_of(ledger, "SUP2")
    assert (statement.status, statement.total_amount) == ("paid", Decimal("30.00"))
    assert audit_verify(ledger).ok


def test_whoever_put_it_together_does_not_approve_it(ledger: Ledger) -> None:
    draft(ledger, person="twohats")
    do(ledger, "clerk", "statement_submit", "st-1", 1)
    with pytest.raises(Denied):
        do(ledger, "twohats", "statement_approve", "st-1", 2)
    draft(ledger, "st-2", lines=[["shipment|b", "shipment", "1"]])
    do(ledger, "twohats", "statement_submit", "st-2", 1)
    with pytest.raises(Denied):
        do(ledger, "twohats", "statement_approve", "st-2", 2)
    with pytest.raises(Denied):
        do(ledger, "clerk", "statement_approve", "st-2", 2)
    assert do(ledger, "auditor", "statement_approve", "st-2", 2).state == "approved"


def test_a_line_in_a_second_statement_is_refused(ledger: Ledger) -> None:
    draft(ledger)
    with pytest.raises(Invalid) as refused:
        draft(ledger, "st-2", lines=[SHIPPED])
    assert refused.value.code == "statement.line_taken"
    assert statements_of(ledger) == statements_of(ledger, "SUP2")
    assert len(statements_of(ledger)) == 1


def test_a_rejected_statement_lets_its_lines_go_and_can_be_drafted_again(ledger: Ledger) -> None:
    draft(ledger)
    do(ledger, "clerk", "statement_submit", "st-1", 1)
    do(ledger, "auditor", "statement_reject", "st-1", 2, reason_code="lines_wrong")
    assert taken_lines(ledger) == {}
    draft(ledger, "st-2", lines=[SHIPPED])
    with pytest.raises(Invalid):
        draft(ledger, "st-1", 3)
    assert draft(ledger, "st-1", 3, lines=[RETURNED]).state == "draft"
    assert taken_lines(ledger) == {"shipment|a": "st-2", "return|c": "st-1"}


def test_nobody_skips_a_step_or_acts_on_what_they_have_not_seen(ledger: Ledger) -> None:
    draft(ledger)
    for verb, person in (("statement_approve", "auditor"), ("statement_pay", "clerk")):
        with pytest.raises(Invalid):
            do(ledger, person, verb, "st-1", 1)
    with pytest.raises(Conflict):
        do(ledger, "clerk", "statement_submit", "st-1", 0)
    with pytest.raises(Denied):
        draft(ledger, "st-9", person="lead", lines=[["shipment|z", "shipment", "1"]])


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [SHIPPED, SHIPPED],
        [["shipment|a", "gift", "1"]],
        [["shipment|a", "shipment", "much"]],
        [["shipment|a", "shipment", "NaN"]],
        ["shipment|a"],
    ],
)
def test_lines_that_are_none_make_no_statement(ledger: Ledger, lines: Any) -> None:
    with pytest.raises(Invalid):
        draft(ledger, lines=lines)
    assert statements_of(ledger) == []


def test_an_amount_changed_behind_the_chain_is_found(ledger: Ledger) -> None:
    draft(ledger)
    with ledger.writing() as connection:
        lines = '[["return|c","return","-30.00"],["shipment|a","shipment","99.00"]]'
        connection.execute(update(STATEMENTS).values(lines=lines))
    assert audit_verify(ledger).reason == "statement_changed"


def test_the_lines_of_a_draft_are_told_with_it(ledger: Ledger) -> None:
    draft(ledger)
    draft(ledger, version=1, lines=[SHIPPED])
    first, second = (row["decision_id"] for row in decisions_after(ledger, 0))
    told = [(row["decision_id"], row["line_id"]) for row in statement_lines_after(ledger, 0)]
    assert told == [(first, "shipment|a"), (first, "return|c"), (second, "shipment|a")]


VERBS = ("statement_submit", "statement_approve", "statement_reject", "statement_pay")
PEOPLE = ("clerk-x", "twohats-x", "auditor-x")
NAMES = ("st-1", "st-2", "st-3")


class StatementMachine(RuleBasedStateMachine):
    """Any people, any verbs, any lines, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        url = f"sqlite:///{Path(self.folder.name) / 'ledger.db'}"
        self.ledger = open_ledger(url, passwords=CHEAP)
        add_person(self.ledger, "clerk-x", "finance")
        add_person(self.ledger, "twohats-x", "finance", "finance_supervisor")
        add_person(self.ledger, "auditor-x", "finance_supervisor")
        self.now = NOW

    def _try(self, person: str, verb: str, name: str, **args: Any) -> None:
        self.now += timedelta(seconds=1)
        known = {one.statement_id: one.version for one in statements_of(self.ledger)}
        try:
            do(self.ledger, person, verb, name, known.get(name, 0), now=self.now, **args)
        except LedgerError:
            return

    @rule(
        person=st.sampled_from(PEOPLE), name=st.sampled_from(NAMES),
        chosen=st.lists(st.integers(0, 4), unique=True, max_size=3),
        cents=st.integers(-500, 500),
    )  # fmt: skip
    def draft(self, person: str, name: str, chosen: list[int], cents: int) -> None:
        amount = str(Decimal(cents) / 100)
        lines = [[f"shipment|{number}", "shipment", amount] for number in chosen]
        self._try(
            person, "statement_draft", name, supplier_id="SUP2", currency_code="CNY", lines=lines
        )

    @rule(person=st.sampled_from(PEOPLE), name=st.sampled_from(NAMES), verb=st.sampled_from(VERBS))
    def go_on(self, person: str, name: str, verb: str) -> None:
        reason = {"reason_code": "lines_wrong"} if verb == "statement_reject" else {}
        self._try(person, verb, name, **reason)

    @invariant()
    def a_line_is_held_by_one_statement(self) -> None:
        held = [
            (line.line_id, statement.statement_id)
            for statement in statements_of(self.ledger)
            if statement.status in HOLDING
            for line in statement.lines
        ]
        assert len({line for line, _ in held}) == len(held)
        assert dict(held) == taken_lines(self.ledger)

    @invariant()
    def what_the_chain_says_replayed_gives_the_same_states(self) -> None:
        with self.ledger.reading() as connection:
            said, _ = replayed(connection)
        assert said == {one.statement_id: one for one in statements_of(self.ledger)}
        makers: dict[str, set[str]] = {}
        for row in decisions_after(self.ledger, 0):
            if row["verb"] in ("statement_draft", "statement_submit"):
                makers.setdefault(row["entity_id"], set()).add(row["actor_id"])
            assert row["verb"] != "statement_approve" or (
                row["actor_id"] not in makers[row["entity_id"]]
            )

    def teardown(self) -> None:
        assert audit_verify(self.ledger).ok
        self.ledger.close()
        self.folder.cleanup()


StatementMachine.TestCase.settings = settings(
    max_examples=10, stateful_step_count=20, deadline=None
)
test_any_sequence_of_steps = StatementMachine.TestCase
