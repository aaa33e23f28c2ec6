"""What a build knows of the clocks, events and cases that decisions made after it may move."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboards.warehouse import Snapshot

_ROLES = (
    "stop", "cancel", "stop_once", "cancel_once", "need",
    "pause", "resume", "pause_while", "resume_while", "extend",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One episode of a clock, with what its policy says; `owner_id`: the case of a refund."""

    sla_code: str
    entity_id: str
    owner_id: str
    started_at: datetime
    next_started_at: datetime | None
    start_event_id: str | None
    due_at: datetime | None
    stopped_at: datetime | None
    ended_at: datetime | None
    budget_minutes: int
    calendar_code: str
    needed_count: int
    pause_most_minutes: int | None
    extended_minutes: int
    extend_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One case of a queue that clocks end."""

    item_id: str
    queue_code: str
    sla_code: str | None
    entity_id: str
    evidence: str | None
    started_at: datetime | None
    opened_at: datetime
    closed_at: datetime | None
    due_at: datetime | None


def _bound(ids: Iterable[str | None]) -> list[str]:
    return sorted({one for one in ids if one})


def is_known(snapshot: Snapshot) -> bool:
    """Whether a build says what decisions are events and how clocks end; one of an older version
    of the house may not."""
    found = snapshot.rows(
        "select 1 as found from information_schema.tables "
        "where table_schema = 'policies' and table_name = 'decision_events'"
    )
    return bool(found) and "_ended_at" in snapshot.columns("fct_sla_clocks")


def newest(snapshot: Snapshot, count: int) -> list[str]:
    """The last decisions a build has seen."""
    rows = snapshot.rows(
        "select decision_id from marts.fct_decisions order by decided_at desc limit ?", [count]
    )
    return [row["decision_id"] for row in rows]


def seen(snapshot: Snapshot, decision_ids: Sequence[str]) -> set[str]:
    """Which of these decisions are in a build."""
    rows = snapshot.rows(
        "select decision_id from marts.fct_decisions "
        "where list_contains(?::varchar[], decision_id)",
        [list(decision_ids)],
    )
    return {row["decision_id"] for row in rows}


_PLACED = """
    select d.*, e.event_type,
        case when e.event_type = 'QC_FAILED' then 'FULL' else e.detail_code end as detail_code,
        case when e.entity_type = d.entity_type then d.entity_id
            when e.entity_type = 'order' then d.order_id
            when e.entity_type = 'hold' and d.hold_type is not null
                then d.order_id || '-' || d.hold_type
            else d.decision_id end as event_entity_id,
        case when d.entity_type in ('shipment', 'claim') then d.entity_id
            else (select case when count(*) = 1 then min(p.shipment_id) end
                from marts.fct_shipments as p
                where p.order_id = d.order_id and p.shipped_at is not null) end as shipment_id,
        e.entity_type as event_entity_type
    from decided as d
    inner join policies.decision_events as e
        on e.verb = d.verb and e.queue_code in (d.queue_code, '*')
"""
# As the models place the events of decisions: on parcels, on cases, on refunds and on their cases.
_MARKS = f"""
    with placed as ({_PLACED}),
    events as (
        select event_type, detail_code, decided_at, order_id, event_entity_type,
            event_entity_id,
            case when event_entity_type in ('contact', 'claim') then shipment_id end as shipment_id,
            case when entity_type = 'case' then entity_id end as case_id
        from placed
        where event_entity_type <> 'refund'
        union all
        select p.event_type, p.detail_code, p.decided_at, p.order_id, 'refund', r.refund_id,
            null, r.case_id
        from placed as p
        inner join marts.fct_refunds as r
            on p.entity_id = case p.entity_type when 'case' then r.case_id else r.refund_id end
        where p.event_entity_type = 'refund' and r.refund_status not in ('succeeded', 'rejected')
        union all
        select p.event_type, p.detail_code, p.decided_at, p.order_id, 'case', p.entity_id,
            null, p.entity_id
        from placed as p
        where p.event_entity_type = 'refund' and p.entity_type = 'case' and p.entity_id not in (
            select coalesce(r.case_id, '') from marts.fct_refunds as r
            where r.refund_status not in ('succeeded', 'rejected'))
    )
    select roles.sla_code, roles.role, events.event_type, events.decided_at as at,
        case when k.entity_type = 'order' then events.order_id
            when k.entity_type = 'shipment' then events.shipment_id
            when k.entity_type = 'case' then events.case_id
            when k.entity_type = events.event_entity_type then events.event_entity_id
        end as entity_id
    from events
    inner join policies.sla_events as roles on events.event_type = roles.event_type
        and coalesce(roles.detail_code, events.detail_code, '') = coalesce(events.detail_code, '')
    inner join policies.sla_policies as k on roles.sla_code = k.sla_code
    where list_contains(?::varchar[], roles.role)
"""  # noqa: S608  constants


def marks_of(snapshot: Snapshot, decisions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What clocks see of decisions."""
    if not decisions:
        return []
    import pyarrow as pa

    names = (
        "decision_id",
        "verb",
        "queue_code",
        "entity_type",
        "entity_id",
        "order_id",
        "hold_type",
    )
    columns: dict[str, Any] = {
        name: pa.array([row.get(name) for row in decisions], pa.string()) for name in names
    }
    columns["decided_at"] = pa.array([row["decided_at"] for row in decisions], pa.timestamp("us"))
    found = snapshot.rows(_MARKS, [list(_ROLES)], {"decided": pa.table(columns)})
    return [row for row in found if row["entity_id"]]


def _given(snapshot: Snapshot) -> str:
    """What people gave a clock on top; nothing in a build of before they could."""
    if "extended_minutes" not in snapshot.columns("fct_sla_clocks"):
        return "0 as extended_minutes, 0 as extend_minutes"
    return (
        "c.extended_minutes::integer as extended_minutes, "
        "coalesce(k.extend_minutes, 0)::integer as extend_minutes"
    )


def clocks(snapshot: Snapshot, decisions: Sequence[Mapping[str, Any]]) -> list[Clock]:
    """Every clock of the orders and things decisions are about."""
    rows = snapshot.rows(
        "select c.sla_code, c.entity_id, coalesce(s.case_id, c.entity_id) as owner_id, "  # noqa: S608  constants
        "c.started_at, lead(c.started_at) over (partition by c.sla_code, c.entity_id "
        "order by c.started_at) as next_started_at, c.start_event_id, c.due_at, c.stopped_at, "
        "coalesce(c._ended_at, c.cancelled_at) as ended_at, c.budget_minutes, k.calendar_code, "
        "coalesce(k.needed_count, 0)::integer as needed_count, "
        "k.pause_most_minutes::integer as pause_most_minutes, "
        f"{_given(snapshot)} "
        "from marts.fct_sla_clocks as c "
        "inner join policies.sla_policies as k on c.sla_code = k.sla_code "
        "left join marts.fct_order_events as s on c.start_event_id = s.event_id "
        "and c.order_id = s.order_id "
        "where list_contains(?::varchar[], c.order_id) or list_contains(?::varchar[], c.entity_id)",
        [_bound(row["order_id"] for row in decisions), _bound(r["entity_id"] for r in decisions)],
    )
    return [Clock(**row) for row in rows]


_LOG = """
    select roles.sla_code, roles.role, e.event_type, e.occurred_at as at,
        case when k.entity_type = 'order' then e.order_id
            when k.entity_type = 'shipment' then e.shipment_id
            when k.entity_type = 'case' then e.case_id
            when k.entity_type = e.entity_type then e.entity_id end as entity_id
    from {log} as e
    inner join policies.sla_events as roles on e.event_type = roles.event_type
        and coalesce(roles.detail_code, e.detail_code, '') = coalesce(e.detail_code, '')
    inner join policies.sla_policies as k on roles.sla_code = k.sla_code
    where list_contains(?::varchar[], roles.role) and {about}
    order by e.occurred_at, e.event_rank, e.event_id
"""


def logged(snapshot: Snapshot, decisions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What clocks saw in the log of a build of the orders and things decisions are about."""
    orders = _bound(row["order_id"] for row in decisions)
    entities = _bound(row["entity_id"] for row in decisions)
    rows = snapshot.rows(
        _LOG.format(log="marts.fct_order_events", about="list_contains(?::varchar[], e.order_id)"),
        [list(_ROLES), orders],
    )
    if snapshot.columns("fct_entity_events"):
        rows += _of_things(snapshot, entities)
    return [row for row in rows if row["entity_id"]]


def _of_things(snapshot: Snapshot, entities: Sequence[str]) -> list[dict[str, Any]]:
    return snapshot.rows(
        _LOG.format(
            log="(select *, null as shipment_id, null as case_id, null as order_id "
            "from marts.fct_entity_events)",
            about="list_contains(?::varchar[], e.entity_id)",
        ),
        [list(_ROLES), list(entities)],
    )


def items(snapshot: Snapshot, decisions: Sequence[Mapping[str, Any]]) -> list[Item]:
    """The cases of the orders and things decisions are about."""
    rows = snapshot.rows(
        "select q.item_id, q.queue_code, p.sla_code, q.entity_id, q.why, q.started_at, "
        "q.opened_at, q.closed_at, q.due_at from marts.queue_items as q "
        "inner join policies.queues as p on q.queue_code = p.queue_code "
        "where list_contains(?::varchar[], q.order_id) or list_contains(?::varchar[], q.entity_id)",
        [_bound(row["order_id"] for row in decisions), _bound(r["entity_id"] for r in decisions)],
    )
    return [Item(**_evident(row)) for row in rows]


def _evident(row: dict[str, Any]) -> dict[str, Any]:
    """The event a case goes back to, out of its reasons."""
    why = json.loads(row.pop("why") or "{}")
    return row | {"evidence": next(iter(why.get("evidence") or ()), None)}
