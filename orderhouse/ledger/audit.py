"""Checking the ledger: the chain, its comments, and the tables that must equal what it says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from orderhouse.ledger import refunds, stock
from orderhouse.ledger.cases import to_json
from orderhouse.ledger.chain import GENESIS, comment_digest, digest
from orderhouse.ledger.engine import Ledger
from orderhouse.ledger.statements import HOLDING, load, replayed
from orderhouse.ledger.tables import (
    AUDIT_LOG,
    CASE_STATES,
    COMMENTS,
    REFUND_REQUESTS,
    STATEMENT_LINES,
    STATEMENTS,
    STOCK_REQUESTS,
    USERS,
)
from orderhouse.ledger.verbs import DOCUMENT_VERBS

BATCH = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """What a check found. `first_bad_seq` is the first row that does not hold, if any."""

    rows: int
    ok: bool
    head: str
    first_bad_seq: int | None = None
    reason: str | None = None


class _Broken(Exception):
    def __init__(self, seq: int | None, reason: str) -> None:
        super().__init__(reason)
        self.seq = seq
        self.reason = reason


def head(ledger: Ledger) -> str:
    """The anchor `<seq>:<hash>` to keep on another medium; `0:` of an empty ledger."""
    with ledger.reading() as connection:
        return _head(connection)


def head_seq(ledger: Ledger) -> int:
    """Number of the newest row: cheap enough to ask on every page."""
    with ledger.reading() as connection:
        return connection.execute(select(func.max(AUDIT_LOG.c.seq))).scalar() or 0


def _head(connection: Connection) -> str:
    last = connection.execute(
        select(AUDIT_LOG.c.seq, AUDIT_LOG.c.hash).order_by(AUDIT_LOG.c.seq.desc()).limit(1)
    ).first()
    return f"{last.seq}:{last.hash}" if last else f"0:{GENESIS}"


def audit_verify(ledger: Ledger, anchor: str | None = None) -> AuditReport:
    """Walk the whole chain and everything derived from it.

    Args:
        anchor: what `head` returned earlier; without it a cut tail cannot be seen.
    """
    with ledger.reading() as connection:
        rows = 0
        try:
            for seq in _walk(connection, anchor):
                rows = seq
            _check_cases(connection)
            _check_statements(connection)
            _check_stock(connection)
            _check_refunds(connection)
            _check_people(connection)
        except _Broken as broken:
            return AuditReport(
                rows=rows,
                ok=False,
                head=_head(connection),
                first_bad_seq=broken.seq,
                reason=broken.reason,
            )
        return AuditReport(rows=rows, ok=True, head=_head(connection))


def _walk(connection: Connection, anchor: str | None) -> Iterator[int]:
    anchor_seq, anchor_hash = _parse_anchor(anchor)
    comments = {row.action_id: row for row in connection.execute(select(COMMENTS))}
    erased = _erased_comments(connection)
    seq, prev_hash = 0, GENESIS
    if anchor_seq == 0 and anchor_hash not in (None, GENESIS):
        raise _Broken(0, "anchor_mismatch")
    for row in _rows(connection):
        if row["seq"] != seq + 1:
            raise _Broken(seq + 1, "missing_row")
        if row["prev_hash"] != prev_hash or row["hash"] != digest(prev_hash, row):
            raise _Broken(row["seq"], "row_changed")
        seq, prev_hash = row["seq"], row["hash"]
        _check_comment(row, comments.pop(row["action_id"], None), erased)
        if seq == anchor_seq and prev_hash != anchor_hash:
            raise _Broken(seq, "anchor_mismatch")
        yield seq
    if anchor_seq is not None and seq < anchor_seq:
        raise _Broken(seq + 1, "tail_cut")
    if comments:
        raise _Broken(None, "comment_without_row")


def _rows(connection: Connection) -> Iterator[dict[str, Any]]:
    after = 0
    while True:
        batch = connection.execute(
            select(AUDIT_LOG).where(AUDIT_LOG.c.seq > after).order_by(AUDIT_LOG.c.seq).limit(BATCH)
        ).mappings()
        rows = [dict(row) for row in batch]
        yield from rows
        if len(rows) < BATCH:
            return
        after = rows[-1]["seq"]


def _parse_anchor(anchor: str | None) -> tuple[int | None, str | None]:
    if not anchor:
        return None, None
    seq, _, value = anchor.strip().partition(":")
    return int(seq), value


def _erased_comments(connection: Connection) -> set[str]:
    rows = connection.execute(select(AUDIT_LOG.c.args).where(AUDIT_LOG.c.verb == "comment_erase"))
    return {name for row in rows for name in json.loads(row.args).get("action_ids", ())}


def _check_comment(row: dict[str, Any], comment: Any, erased: set[str]) -> None:
    if row["comment_hash"] is None:
        if comment is not None:
            raise _Broken(row["seq"], "comment_added")
        return
    if comment is None:
        raise _Broken(row["seq"], "comment_missing")
    if comment.erased_at is not None:
        if row["action_id"] not in erased:
            raise _Broken(row["seq"], "comment_erased_unrecorded")
        return
    if comment_digest(comment.salt or "", comment.body or "") != row["comment_hash"]:
        raise _Broken(row["seq"], "comment_changed")


def _check_cases(connection: Connection) -> None:
    """Every case state is what the last row that changed it says."""
    latest = (
        select(AUDIT_LOG.c.item_id, func.max(AUDIT_LOG.c.seq).label("seq"))
        .where(
            AUDIT_LOG.c.stream == "action",
            AUDIT_LOG.c.verb != "comment",
            AUDIT_LOG.c.verb.not_in(sorted(DOCUMENT_VERBS)),
        )
        .group_by(AUDIT_LOG.c.item_id)
        .subquery()
    )
    said = connection.execute(
        select(AUDIT_LOG.c.item_id, AUDIT_LOG.c.seq, AUDIT_LOG.c.after).join(
            latest, latest.c.seq == AUDIT_LOG.c.seq
        )
    )
    states = {row["item_id"]: row for row in connection.execute(select(CASE_STATES)).mappings()}
    for row in said:
        state = states.pop(row.item_id, None)
        if state is None or not _agrees(json.loads(row.after), state):
            raise _Broken(row.seq, "case_state_changed")
    if states:
        raise _Broken(None, "case_state_without_row")


def _check_statements(connection: Connection) -> None:
    """Every statement, lines and all, is what its recorded steps add up to."""
    said, seqs = replayed(connection)
    known = {name: load(connection, name) for name in said}
    for name, state in said.items():
        if known[name] != state:
            raise _Broken(seqs[name], "statement_changed")
    count = connection.execute(select(func.count()).select_from(STATEMENTS)).scalar_one()
    if count != len(said):
        raise _Broken(None, "statement_without_row")
    held = {line.line_id: name for name, state in said.items() if state.status in HOLDING
            for line in state.lines}  # fmt: skip
    rows = connection.execute(select(STATEMENT_LINES)).all()
    if {row.line_id: row.statement_id for row in rows} != held:
        raise _Broken(None, "statement_changed")


def _check_stock(connection: Connection) -> None:
    """Every request about stock, and every movement, is what the recorded steps make of it."""
    said, moves = stock.replayed(connection)
    for name, state in said.items():
        if stock.load(connection, name) != state:
            raise _Broken(None, "stock_request_changed")
    stored = {move.movement_id: (seq, move) for seq, move in stock.stored_moves(connection)}
    if stored != moves:
        raise _Broken(None, "stock_move_changed")
    count = connection.execute(select(func.count()).select_from(STOCK_REQUESTS)).scalar_one()
    if count != len(said):
        raise _Broken(None, "stock_request_without_row")


def _check_refunds(connection: Connection) -> None:
    """Every refund decided here is what the recorded steps make of it."""
    said = refunds.replayed(connection)
    for name, state in said.items():
        if refunds.load(connection, name) != state:
            raise _Broken(None, "refund_request_changed")
    count = connection.execute(select(func.count()).select_from(REFUND_REQUESTS)).scalar_one()
    if count != len(said):
        raise _Broken(None, "refund_request_without_row")


def _agrees(after: dict[str, Any], state: Any) -> bool:
    return all(to_json(state[name]) == value for name, value in after.items())


def _check_people(connection: Connection) -> None:
    """Nobody's roles, shops or activity differ from the last recorded change."""
    said: dict[str, tuple[int, dict[str, Any]]] = {}
    rows = connection.execute(
        select(AUDIT_LOG.c.seq, AUDIT_LOG.c.entity_id, AUDIT_LOG.c.after)
        .where(AUDIT_LOG.c.stream == "people")
        .order_by(AUDIT_LOG.c.seq)
    )
    for row in rows:
        said[row.entity_id] = (row.seq, json.loads(row.after))
    for user in connection.execute(select(USERS)).mappings():
        seq, after = said.pop(user["user_id"], (None, None))
        if after is None:
            raise _Broken(None, "user_without_row")
        now = {
            "login": user["login"],
            "display_name": user["display_name"],
            "roles": json.loads(user["roles"]),
            "shops": None if user["shops"] is None else json.loads(user["shops"]),
            "is_active": bool(user["is_active"]),
        }
        if any(after.get(name) != value for name, value in now.items()):
            raise _Broken(seq, "user_changed")
    if said:
        raise _Broken(min(seq for seq, _ in said.values()), "user_removed")
