"""The work queues: counts, pages and single items, with the ledger laid over the snapshot."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from dashboards.queries import priority
from dashboards.reader import Reader, Where

TABS = ("mine", "free", "soon", "late", "unheard", "woken", "second", "all")
SOON = timedelta(hours=4)
PAGE = 50
BULK_LIMIT = 500

# What a decision since the build makes of a case comes before what the build says of it.
_OPENED = "case when o.is_retimed then o.opened_at else q.opened_at end"
_CLOSED = "case when o.is_retimed then o.closed_at else q.closed_at end"
_DUE = "case when o.is_retimed then o.due_at else q.due_at end"
_OPEN = f"{_OPENED} <= ? and coalesce({_CLOSED} > ?, true)"
_UNDECIDED = "coalesce(o.status, 'open') not in ('resolved', 'dismissed')"
_AWAKE = "(o.status is distinct from 'snoozed' or o.snoozed_until <= ?)"
# Due after the last file that could have told that it was done: late, or only not heard of.
_UNHEARD = f"coalesce({_DUE} > k.known_until_at, false)"
# Null deadlines and amounts always come last.
SORTS = {
    "priority": f"priority desc, {_DUE} asc nulls last, q.item_id",
    "due": f"{_DUE} asc nulls last, q.severity asc, q.item_id",
    "severity": f"q.severity asc, {_DUE} asc nulls last, q.item_id",
    "amount": f"q.at_risk_amount desc nulls last, {_DUE} asc nulls last, q.item_id",
    "oldest": "q.opened_at asc, q.item_id",
    "newest": "q.opened_at desc, q.item_id",
}
COLUMNS = (
    "item_id",
    "queue_code",
    "entity_type",
    "entity_id",
    "order_id",
    "channel",
    "shop_id",
    "episode_number",
    "opened_at",
    "due_at",
    "severity",
    "at_risk_amount",
    "currency_code",
    "why",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFilter:
    """What a queue page shows. Codes only: this is what a link carries."""

    queues: tuple[str, ...]
    tab: str = "all"
    channels: tuple[str, ...] = ()
    shops: tuple[str, ...] = ()
    severities: tuple[int, ...] = ()
    older_days: int | None = None
    least_amount: int | None = None
    text: str = ""
    sort: str = "priority"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Whose view it is, when, what the ledger says, and cases the snapshot cannot have."""

    reader: Reader
    overlay: pa.Table
    user_id: str
    now: datetime
    standing: pa.Table | None = None

    @property
    def beside(self) -> dict[str, pa.Table]:
        """What a query may name beside the snapshot."""
        tables = {"overlay": self.overlay}
        return tables if self.standing is None else tables | {"standing": self.standing}


def _where(desk: Desk, wanted: QueueFilter) -> Where:
    now = desk.now
    where = Where().also(_OPEN, now, now).also(_UNDECIDED)
    # Not `in (select unnest(?))`: planning that join costs more than looking through the rows.
    where = where.also("list_contains(?::varchar[], q.queue_code)", list(wanted.queues))
    if desk.reader.shops is not None:
        shops = list(desk.reader.shops)
        where = where.also("q.shop_id in (select unnest(?::varchar[]))", shops)
    if wanted.channels:
        channels = list(wanted.channels)
        where = where.also("q.channel in (select unnest(?::varchar[]))", channels)
    if wanted.shops:
        where = where.also("q.shop_id in (select unnest(?::varchar[]))", list(wanted.shops))
    if wanted.severities:
        severities = list(wanted.severities)
        where = where.also("q.severity in (select unnest(?::integer[]))", severities)
    if wanted.older_days:
        where = where.also("q.opened_at <= ?", now - timedelta(days=wanted.older_days))
    if wanted.least_amount and desk.reader.may_read("queue_items", "at_risk_amount"):
        where = where.also("abs(q.at_risk_amount) >= ?", wanted.least_amount)
    if wanted.text:
        needle = wanted.text.strip().lower()
        where = where.also(
            "(contains(lower(q.entity_id), ?) or contains(lower(coalesce(q.order_id, '')), ?))",
            needle,
            needle,
        )
    return where


def _tab(where: Where, desk: Desk, tab: str) -> Where:
    now = desk.now
    if tab == "mine":
        return where.also("o.holder = ?", desk.user_id)
    if tab == "free":
        free = where.also("o.holder is null").also(_AWAKE, now)
        return free.also("o.status is distinct from 'proposed'")
    if tab == "soon":
        return where.also(f"{_DUE} > ? and {_DUE} <= ?", now, now + SOON).also(_AWAKE, now)
    if tab == "late":
        return where.also(f"{_DUE} <= ? and not {_UNHEARD}", now).also(_AWAKE, now)
    if tab == "unheard":
        return where.also(f"{_DUE} <= ? and {_UNHEARD}", now).also(_AWAKE, now)
    if tab == "woken":
        return where.also("o.status = 'snoozed' and o.snoozed_until <= ?", now)
    if tab == "second":
        return where.also("o.status = 'proposed'")
    return where


_ITEMS = "marts.queue_items"
_WITH_STANDING = """(
    select * from marts.queue_items
    union all by name
    select * from standing where item_id not in (
        select item_id from marts.queue_items where queue_code = 'Q36'
    )
)"""
_FROM = """from {items} as q
    left join overlay as o on o.item_id = q.item_id
    left join policies.queues as p on p.queue_code = q.queue_code
    left join marts.agg_feed_horizons as k on k.sla_code = p.sla_code and k.shop_id = q.shop_id"""


def _from(desk: Desk) -> str:
    return _FROM.format(items=_ITEMS if desk.standing is None else _WITH_STANDING)


def tab_counts(desk: Desk, wanted: QueueFilter) -> dict[str, int]:
    """How many cases each tab holds, under the same filters."""
    parts, params = [], []
    for tab in TABS:
        condition = _tab(Where(), desk, tab)
        parts.append(f'count(*) filter (where {condition.sql}) as "{tab}"')
        params += condition.params
    where = _where(desk, wanted)
    sql = f"select {', '.join(parts)} {_from(desk)} where {where.sql}"
    return desk.reader.query(sql, [*params, *where.params], desk.beside)[0]


def open_groups(desk: Desk, queues: Sequence[str]) -> list[dict[str, Any]]:
    """Open and late cases of each queue by channel and shop: pills and filters are made of it."""
    where = _where(desk, QueueFilter(queues=tuple(queues)))
    sql = (
        "select q.queue_code, q.channel, q.shop_id, count(*) as open, "
        f"count(*) filter (where {_DUE} <= ? and not {_UNHEARD}) as late {_from(desk)} "
        f"where {where.sql} group by q.queue_code, q.channel, q.shop_id"
    )
    return desk.reader.query(sql, [desk.now, *where.params], desk.beside)


def queue_counts(groups: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """Open and late cases of each queue that has any."""
    counts: dict[str, dict[str, int]] = {}
    for group in groups:
        count = counts.setdefault(group["queue_code"], {"open": 0, "late": 0})
        count["open"] += group["open"]
        count["late"] += group["late"]
    return counts


def page(
    desk: Desk, wanted: QueueFilter, *, offset: int = 0, limit: int = PAGE
) -> list[dict[str, Any]]:
    """One page of cases, with `status`, `holder`, `claimed_at`, `snoozed_until`, `version`."""
    where = _tab(_where(desk, wanted), desk, wanted.tab)
    order = SORTS.get(wanted.sort, SORTS["due"])
    if wanted.sort == "amount" and not desk.reader.may_read("queue_items", "at_risk_amount"):
        order = SORTS["due"]
    sql = f"{_select(desk)} where {where.sql} order by {order} limit ? offset ?"
    rows = _ask(desk, sql, [*where.params, limit, offset])
    return [_parsed(row) for row in rows]


def _ask(desk: Desk, sql: str, params: Sequence[Any]) -> list[dict[str, Any]]:
    """Rows of a query made by `_select`."""
    scores = priority.scores(desk.reader.snapshot, desk.now)
    return desk.reader.query(sql, params, desk.beside | {"scores": scores})


def _select(desk: Desk) -> str:
    found = desk.reader.columns("queue_items", COLUMNS)
    names = ", ".join(f"{_DUE} as due_at" if name == "due_at" else f"q.{name}" for name in found)
    return (
        f"select {names}, coalesce(o.status, 'open') as status, o.holder, o.claimed_at, "
        f"o.snoozed_until, coalesce(o.version, 0) as version, k.known_until_at, "
        f"{priority.columns(desk.reader)} {_from(desk)} {priority.JOIN}"
    )


def item(desk: Desk, item_id: str) -> dict[str, Any] | None:
    """One case, decided or not, if its reader may see it."""
    where = Where().also("q.item_id = ?", item_id)
    if desk.reader.shops is not None:
        shops = list(desk.reader.shops)
        where = where.also("q.shop_id in (select unnest(?::varchar[]))", shops)
    rows = _ask(desk, f"{_select(desk)} where {where.sql}", where.params)
    return _parsed(rows[0]) if rows else None


def items(desk: Desk, item_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Several cases by id, for acting on a selection."""
    where = Where().also("q.item_id in (select unnest(?::varchar[]))", list(item_ids))
    if desk.reader.shops is not None:
        shops = list(desk.reader.shops)
        where = where.also("q.shop_id in (select unnest(?::varchar[]))", shops)
    sql = f"{_select(desk)} where {where.sql} order by q.item_id"
    return [_parsed(row) for row in _ask(desk, sql, where.params)]


def of_order(desk: Desk, order_id: str) -> list[dict[str, Any]]:
    """Open cases of one order, in any queue."""
    where = Where().also(_OPEN, desk.now, desk.now).also("q.order_id = ?", order_id)
    if desk.reader.shops is not None:
        shops = list(desk.reader.shops)
        where = where.also("q.shop_id in (select unnest(?::varchar[]))", shops)
    sql = f"{_select(desk)} where {where.sql} order by q.severity, q.queue_code"
    return [_parsed(row) for row in _ask(desk, sql, where.params)]


def matching_ids(desk: Desk, wanted: QueueFilter) -> list[str]:
    """Ids of everything a filter shows, up to what one bulk action takes."""
    return [row["item_id"] for row in page(desk, wanted, limit=BULK_LIMIT)]


def choices(groups: Iterable[Mapping[str, Any]], queues: Sequence[str]) -> dict[str, list[str]]:
    """Channels and shops that have open cases in these queues: what the filters offer."""
    shown = [group for group in groups if group["queue_code"] in queues]
    return {
        "channel": sorted({group["channel"] for group in shown if group["channel"]}),
        "shop": sorted({group["shop_id"] for group in shown if group["shop_id"]}),
    }


def _parsed(row: dict[str, Any]) -> dict[str, Any]:
    why = row.get("why")
    return row | {"why": json.loads(why) if isinstance(why, str) and why else {}}


def without_tab(wanted: QueueFilter) -> QueueFilter:
    return replace(wanted, tab="all")


def paused_minutes(reader: Reader, start_event_id: str, due_at: datetime | None) -> int:
    """How long the clock of a case stood still, by the event that started it."""
    where = Where().also("start_event_id = ?", start_event_id)
    where = where.also("due_at is not distinct from ?::timestamp", due_at)
    rows = reader.select("fct_sla_clocks", ("paused_minutes",), where, limit=1)
    return int(rows[0]["paused_minutes"] or 0) if rows else 0
