"""Reading what happened: a case's history, the decisions the pipelines fold in, the audit pages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, and_, func, or_, select

from orderhouse.ledger.engine import Ledger
from orderhouse.ledger.errors import Invalid
from orderhouse.ledger.tables import AUDIT_LOG, COMMENTS
from orderhouse.ledger.verbs import CODE, DELIVERY_ENDS, NOT_EXPORTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of the chain as people read it. `comment` None: none was made, or it was erased."""

    seq: int
    action_id: str
    stream: str
    at: datetime
    verb: str
    actor_id: str
    actor_role: str | None
    ip: str | None
    queue_code: str | None
    item_id: str | None
    entity_type: str | None
    entity_id: str | None
    order_id: str | None
    reason_code: str | None
    args: dict[str, Any]
    before: dict[str, Any]
    after: dict[str, Any]
    undoes_action_id: str | None
    snapshot_id: str | None
    comment: str | None


# Values one statement may bind on either database.
CHUNK = 500
_FOLDED = (
    or_(
        and_(AUDIT_LOG.c.stream == "action", AUDIT_LOG.c.verb.not_in(NOT_EXPORTED)),
        and_(AUDIT_LOG.c.stream == "delivery", AUDIT_LOG.c.verb.in_(DELIVERY_ENDS)),
    ),
)
_FIELDS = tuple(name for name in Entry.__slots__ if name != "comment")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which rows of the chain to list. None means any."""

    stream: str | None = None
    actor_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None


def _select() -> Select[Any]:
    columns = [AUDIT_LOG.c[name] for name in _FIELDS]
    return select(*columns, COMMENTS.c.body).join(
        COMMENTS, COMMENTS.c.action_id == AUDIT_LOG.c.action_id, isouter=True
    )


def _entry(row: Any) -> Entry:
    values = {name: row[name] for name in _FIELDS}
    values |= {name: json.loads(row[name]) for name in ("args", "before", "after")}
    return Entry(**values, comment=row["body"])


def history(
    ledger: Ledger, *, item_id: str | None = None, order_id: str | None = None, limit: int = 200
) -> list[Entry]:
    """What people did to a case, or to anything of an order; newest first."""
    if (item_id is None) == (order_id is None):
        raise Invalid("ledger.one_of_item_order")
    what = AUDIT_LOG.c.item_id == item_id if item_id else AUDIT_LOG.c.order_id == order_id
    query = _select().where(what).order_by(AUDIT_LOG.c.seq.desc()).limit(limit)
    with ledger.reading() as connection:
        return [_entry(row) for row in connection.execute(query).mappings()]


def audit_rows(
    ledger: Ledger, wanted: AuditFilter, *, limit: int = 100, offset: int = 0
) -> tuple[int, list[Entry]]:
    """A page of the chain, newest first, and how many rows match."""
    clauses = []
    if wanted.stream:
        clauses.append(AUDIT_LOG.c.stream == wanted.stream)
    if wanted.actor_id:
        clauses.append(AUDIT_LOG.c.actor_id == wanted.actor_id)
    if wanted.since:
        clauses.append(AUDIT_LOG.c.at >= wanted.since)
    if wanted.until:
        clauses.append(AUDIT_LOG.c.at < wanted.until)
    if wanted.text:
        needle = wanted.text.strip()
        clauses.append(
            AUDIT_LOG.c.entity_id.contains(needle, autoescape=True)
            | AUDIT_LOG.c.order_id.contains(needle, autoescape=True)
            | AUDIT_LOG.c.verb.contains(needle, autoescape=True)
        )
    page = _select().where(*clauses).order_by(AUDIT_LOG.c.seq.desc()).limit(limit).offset(offset)
    with ledger.reading() as connection:
        total = connection.execute(select(func.count()).select_from(AUDIT_LOG).where(*clauses))
        return total.scalar_one(), [_entry(row) for row in connection.execute(page).mappings()]


def last_verbs(ledger: Ledger, order_ids: Iterable[str], verbs: Iterable[str]) -> dict[str, str]:
    """order_id -> the last of these verbs that was said of it; an order without one is left out."""
    wanted, found = sorted(verbs), {}
    ids = sorted(set(order_ids))
    with ledger.reading() as connection:
        for start in range(0, len(ids), CHUNK):
            query = (
                select(AUDIT_LOG.c.order_id, AUDIT_LOG.c.verb)
                .where(
                    AUDIT_LOG.c.order_id.in_(ids[start : start + CHUNK]),
                    AUDIT_LOG.c.verb.in_(wanted),
                )
                .order_by(AUDIT_LOG.c.seq)
            )
            found |= {row.order_id: row.verb for row in connection.execute(query)}
    return found


def seq_of(ledger: Ledger, action_ids: Iterable[str]) -> int:
    """The highest number any of these actions has in the chain; 0: it has none of them."""
    query = select(func.coalesce(func.max(AUDIT_LOG.c.seq), 0)).where(
        AUDIT_LOG.c.action_id.in_(sorted(set(action_ids))[:CHUNK])
    )
    with ledger.reading() as connection:
        return connection.execute(query).scalar_one()


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """Something that was done about a case and not taken back: what, by whom, when last.

    `number`: of the ticket, the refund, the transfer it led to.
    """

    verb: str
    actor_id: str
    at: datetime
    number: str | None = None


def done_about(
    ledger: Ledger, item_ids: Iterable[str], verbs: Iterable[str]
) -> dict[str, list[Done]]:
    """item_id -> what was done about it, each verb once, the latest first."""
    ids, wanted = sorted(set(item_ids)), sorted(verbs)
    undone = AUDIT_LOG.alias("undone")
    found: dict[str, dict[str, Done]] = {}
    with ledger.reading() as connection:
        for start in range(0, len(ids), CHUNK):
            query = (
                select(
                    AUDIT_LOG.c.item_id,
                    AUDIT_LOG.c.verb,
                    AUDIT_LOG.c.actor_id,
                    AUDIT_LOG.c.at,
                    AUDIT_LOG.c.args,
                )
                .where(
                    AUDIT_LOG.c.item_id.in_(ids[start : start + CHUNK]),
                    AUDIT_LOG.c.verb.in_(wanted),
                    ~select(undone.c.seq)
                    .where(
                        undone.c.item_id == AUDIT_LOG.c.item_id,
                        undone.c.undoes_action_id == AUDIT_LOG.c.action_id,
                    )
                    .exists(),
                )
                .order_by(AUDIT_LOG.c.seq.desc())
            )
            for row in connection.execute(query):
                args = json.loads(row.args)
                number = args.get("ticket") or args.get("request_number")
                done = Done(verb=row.verb, actor_id=row.actor_id, at=row.at, number=number)
                found.setdefault(row.item_id, {}).setdefault(row.verb, done)
    return {item: list(verbs.values()) for item, verbs in found.items()}


def decision_seq(ledger: Ledger) -> int:
    """The number of the newest decision the pipelines fold in; 0 before the first."""
    query = select(func.coalesce(func.max(AUDIT_LOG.c.seq), 0)).where(*_FOLDED)
    with ledger.reading() as connection:
        return connection.execute(query).scalar_one()


def decisions_after(
    ledger: Ledger, seq: int, *, overlap: int = 0, batch: int = 1_000
) -> Iterator[dict[str, Any]]:
    """Decisions with a number above `seq`, shaped like the stream `decisions`, plus `seq`.

    Comments and other free text stay behind. Numbers appear in commit order on both databases, so a
    watermark loses nothing; `overlap` re-reads that many rows for a reader that wants to be sure,
    and `decision_id` removes the repetition.
    """
    yield from map(_decision, rows_after(ledger, seq - overlap, *_FOLDED, batch=batch))


def rows_after(
    ledger: Ledger, seq: int, *kept: ColumnElement[bool], batch: int = 1_000
) -> Iterator[RowMapping]:
    """Rows of the chain above a number, in their order; a batch at a time."""
    while True:
        query = (
            select(AUDIT_LOG)
            .where(AUDIT_LOG.c.seq > max(0, seq), *kept)
            .order_by(AUDIT_LOG.c.seq)
            .limit(batch)
        )
        with ledger.reading() as connection:
            rows = connection.execute(query).mappings().all()
        yield from rows
        if len(rows) < batch:
            return
        seq = rows[-1]["seq"]


def _decision(row: Any) -> dict[str, Any]:
    args = json.loads(row["args"])
    return {
        "seq": row["seq"],
        "decision_id": row["action_id"],
        "verb": row["verb"],
        "decided_at": row["at"],
        "queue_code": row["queue_code"],
        "item_id": row["item_id"],
        "entity_type": row["entity_type"],
        "entity_id": row["entity_id"],
        "order_id": row["order_id"],
        "actor_id": row["actor_id"],
        "actor_role": row["actor_role"],
        "reason_code": row["reason_code"],
        "hold_type": args.get("hold_type"),
        "quantity": args.get("quantity", args.get("score")),
        "case_id": args.get("case_id"),
        "request_number": args.get("request_number"),
        "amount": args.get("amount"),
        **{name: args.get(name) for name in CODE},
        "undoes_decision_id": row["undoes_action_id"],
        "forecast_probability": args.get("forecast_probability"),
        "forecast_limit": args.get("forecast_limit"),
        "forecast_count": args.get("forecast_count"),
        "forecast_basis": args.get("forecast_basis"),
        "args": row["args"],
    }
