"""Statements with suppliers: documents of chosen lines in one life.

    new -> draft -> submitted -> approved -> paid
             ^          |
             +- rejected <

A draft may be changed, a rejected one too, which makes it a draft again. A line is in at most one
statement that is a draft, submitted, approved or paid; a rejected one lets its lines go. Who may do
what, versions and the second person come from the same `act` as everything else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from orderhouse.ledger.chain import append, canonical, new_action_id
from orderhouse.ledger.effects import ActResult, Work, changed_meanwhile, entry_of, send
from orderhouse.ledger.engine import Ledger
from orderhouse.ledger.errors import Denied, Invalid
from orderhouse.ledger.tables import AUDIT_LOG, STATEMENT_LINES, STATEMENTS

KINDS = ("shipment", "return", "compensation")
HOLDING = frozenset({"draft", "submitted", "approved", "paid"})
# verb -> the states it begins in, the state it leads to.
MOVES: Mapping[str, tuple[frozenset[str], str]] = {
    "statement_draft": (frozenset({"new", "draft", "rejected"}), "draft"),
    "statement_submit": (frozenset({"draft"}), "submitted"),
    "statement_approve": (frozenset({"submitted"}), "approved"),
    "statement_reject": (frozenset({"submitted"}), "rejected"),
    "statement_pay": (frozenset({"approved"}), "paid"),
}
_CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """One shipment, return or compensation; money we owe is positive."""

    line_id: str
    kind: str
    amount: Decimal

    def packed(self) -> list[str]:
        return [self.line_id, self.kind, str(self.amount)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement as its actions so far add up."""

    statement_id: str
    version: int = 0
    status: str = "new"
    supplier_id: str = ""
    currency_code: str = ""
    lines: tuple[StatementLine, ...] = ()
    created_by: str | None = None
    created_at: datetime | None = None
    submitted_by: str | None = None
    submitted_at: datetime | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    paid_at: datetime | None = None
    last_action_id: str | None = None

    @property
    def total_amount(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing done to a statement: what, by whom, when, with which arguments."""

    verb: str
    actor_id: str
    now: datetime
    args: Mapping[str, Any]


def moved(state: Statement, step: Step) -> Statement:
    """The state after a step. Pure: what the chain says, replayed, gives the same states."""
    begins, status = MOVES[step.verb]
    if state.status not in begins:
        raise Invalid("statement.wrong_state", verb=step.verb, state=state.status)
    after = replace(state, status=status, version=state.version + 1)
    if step.verb == "statement_draft":
        return _drafted(after, state, step)
    if step.verb == "statement_submit":
        if not state.lines:
            raise Invalid("statement.empty")
        return replace(after, submitted_by=step.actor_id, submitted_at=step.now)
    if step.verb == "statement_pay":
        return replace(after, paid_at=step.now)
    return replace(after, decided_by=step.actor_id, decided_at=step.now)


def _drafted(after: Statement, before: Statement, step: Step) -> Statement:
    supplier, currency = step.args.get("supplier_id"), step.args.get("currency_code")
    lines = _lines(step.args.get("lines"))
    if not supplier or not currency or (before.status == "new" and not lines):
        raise Invalid("statement.empty")
    is_other = (supplier, currency) != (before.supplier_id, before.currency_code)
    if before.status != "new" and is_other:
        raise Invalid("statement.other_supplier")
    return replace(
        after,
        supplier_id=str(supplier),
        currency_code=str(currency),
        lines=lines,
        created_by=before.created_by or step.actor_id,
        created_at=before.created_at or step.now,
        submitted_by=None,
        submitted_at=None,
        decided_by=None,
        decided_at=None,
    )


def _lines(given: Any) -> tuple[StatementLine, ...]:
    try:
        lines = tuple(
            StatementLine(line_id=str(line), kind=str(kind), amount=Decimal(str(amount)))
            for line, kind, amount in given or ()
        )
    except (InvalidOperation, TypeError, ValueError) as error:
        raise Invalid("statement.bad_line") from error
    if any(line.kind not in KINDS or not line.amount.is_finite() for line in lines):
        raise Invalid("statement.bad_line")
    if len({line.line_id for line in lines}) < len(lines):
        raise Invalid("statement.line_twice")
    return tuple(sorted(lines, key=lambda line: line.line_id))


def perform(work: Work) -> ActResult:
    """Do a statement's verb inside the write transaction of `act`."""
    request, connection = work.request, work.connection
    before = load(connection, request.ref.entity_id)
    if before.version != request.expected_version:
        raise changed_meanwhile(connection, before.last_action_id)
    _four_eyes(work)
    step = Step(verb=request.verb, actor_id=work.actor.user_id, now=request.now, args=request.args)
    after = replace(moved(before, step), last_action_id=new_action_id())
    _hold(connection, before, after)
    entry = entry_of(work, str(after.last_action_id)) | {
        "before": as_dict(before),
        "after": as_dict(after),
    }
    append(connection, entry, comment=request.comment)
    _save(connection, after)
    send(work, str(after.last_action_id))
    return ActResult(action_id=str(after.last_action_id), version=after.version, state=after.status)


def _four_eyes(work: Work) -> None:
    """Whoever put a statement together does not approve it."""
    others = work.policy.four_eyes.get(work.request.verb)
    if not others:
        return
    mine = work.connection.execute(
        select(AUDIT_LOG.c.seq).where(
            AUDIT_LOG.c.item_id == work.request.ref.item_id,
            AUDIT_LOG.c.actor_id == work.actor.user_id,
            AUDIT_LOG.c.verb.in_(sorted(others)),
        )
    ).first()
    if mine is not None:
        raise Denied("ledger.same_person")


def _hold(connection: Connection, before: Statement, after: Statement) -> None:
    """Take the lines of a statement, or let them go; a line of another statement is a duplicate."""
    had = {line.line_id for line in before.lines} if before.status in HOLDING else set()
    wants = {line.line_id for line in after.lines} if after.status in HOLDING else set()
    if had == wants:
        return
    mine = STATEMENT_LINES.c.statement_id == after.statement_id
    connection.execute(delete(STATEMENT_LINES).where(mine))
    for line_id, statement_id in _holders(connection, wants):
        raise Invalid("statement.line_taken", line=line_id, statement=statement_id)
    if wants:
        rows = [{"line_id": one, "statement_id": after.statement_id} for one in sorted(wants)]
        connection.execute(insert(STATEMENT_LINES), rows)


def _holders(connection: Connection, line_ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    wanted = sorted(line_ids)
    for start in range(0, len(wanted), _CHUNK):
        chunk = STATEMENT_LINES.c.line_id.in_(wanted[start : start + _CHUNK])
        query = select(STATEMENT_LINES.c.line_id, STATEMENT_LINES.c.statement_id).where(chunk)
        for row in connection.execute(query):
            yield row.line_id, row.statement_id


def as_dict(state: Statement) -> dict[str, Any]:
    """A state for the chain, without its lines: those are the arguments of the draft."""
    return {
        "version": state.version,
        "status": state.status,
        "supplier_id": state.supplier_id,
        "currency_code": state.currency_code,
        "total_amount": str(state.total_amount),
        "line_count": len(state.lines),
    }


def _from_row(row: Mapping[str, Any]) -> Statement:
    values = {name: row[name] for name in Statement.__slots__ if name in row and name != "lines"}
    return Statement(**values, lines=_lines(json.loads(row["lines"])))


def load(connection: Connection, statement_id: str) -> Statement:
    query = select(STATEMENTS).where(STATEMENTS.c.statement_id == statement_id)
    row = connection.execute(query).mappings().first()
    return _from_row(row) if row else Statement(statement_id=statement_id)


def _save(connection: Connection, state: Statement) -> None:
    known = STATEMENTS.c.statement_id == state.statement_id
    connection.execute(delete(STATEMENTS).where(known))
    row = {
        name: getattr(state, name) for name in Statement.__slots__ if name != "lines"
    } | {
        "total_amount": str(state.total_amount),
        "lines": canonical([line.packed() for line in state.lines]),
    }  # fmt: skip
    connection.execute(insert(STATEMENTS), row)


def replayed(connection: Connection) -> tuple[dict[str, Statement], dict[str, int]]:
    """What the chain says of each statement, and the number of its last row."""
    states: dict[str, Statement] = {}
    seqs: dict[str, int] = {}
    query = select(AUDIT_LOG).where(AUDIT_LOG.c.verb.in_(sorted(MOVES))).order_by(AUDIT_LOG.c.seq)
    for row in connection.execute(query).mappings():
        name = row["entity_id"]
        step = Step(
            verb=row["verb"],
            actor_id=row["actor_id"],
            now=row["at"],
            args=json.loads(row["args"]),
        )
        before = states.get(name, Statement(statement_id=name))
        states[name] = replace(moved(before, step), last_action_id=row["action_id"])
        seqs[name] = row["seq"]
    return states, seqs


def statements_of(ledger: Ledger, supplier_id: str | None = None) -> list[Statement]:
    """Every statement, or one supplier's; the newest first."""
    query = select(STATEMENTS).order_by(
        STATEMENTS.c.created_at.desc(), STATEMENTS.c.statement_id.desc()
    )
    if supplier_id is not None:
        query = query.where(STATEMENTS.c.supplier_id == supplier_id)
    with ledger.reading() as connection:
        return [_from_row(row) for row in connection.execute(query).mappings()]


def taken_lines(ledger: Ledger) -> dict[str, str]:
    """line -> the statement that holds it."""
    with ledger.reading() as connection:
        rows = connection.execute(
            select(STATEMENT_LINES.c.line_id, STATEMENT_LINES.c.statement_id)
        ).all()
    return {row.line_id: row.statement_id for row in rows}
