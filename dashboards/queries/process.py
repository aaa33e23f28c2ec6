"""The way of orders: time by hop, the ways taken, and events that should not have happened.

All figures are about the orders placed in a period. Percentiles of parts cannot be added up, so
they are computed from the hops themselves for whatever slice is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from dashboards.reader import Reader, Where

WAYS = "fct_order_milestones"
ORDER_COLUMNS = ("order_id", "channel", "shop_id", "warehouse_id", "placed_date")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Orders placed from `first` to `last`, both included, of some channels and warehouses."""

    first: date
    last: date
    channels: tuple[str, ...] = ()
    warehouses: tuple[str, ...] = ()

    def where(self, reader: Reader) -> Where:
        found = Where().also("placed_date between ? and ?", self.first, self.last)
        if self.channels:
            found = found.also("channel in (select unnest(?::varchar[]))", list(self.channels))
        if self.warehouses:
            found = found.also(
                "warehouse_id in (select unnest(?::varchar[]))", list(self.warehouses)
            )
        return reader.scope(WAYS, found)

    def __str__(self) -> str:
        parts = [f"{self.first}..{self.last}", *self.channels, *self.warehouses]
        return " ".join(parts)


def warehouses(reader: Reader) -> list[str]:
    where = reader.scope(WAYS, Where().also("warehouse_id is not null and milestone_number = 1"))
    sql = f"select distinct warehouse_id as code from marts.{WAYS} where {where.sql} order by 1"  # noqa: S608
    return [row["code"] for row in reader.query(sql, where.params)]


def summary(reader: Reader, wanted: Slice) -> dict[str, Any]:
    """The slice in a line: orders, time on the way, share of it that was work, deviating orders."""
    where = wanted.where(reader)
    sql = f"""
        select count(*) filter (where milestone_number = 1) as order_count,
            sum(waited_minutes) as total_minutes,
            sum(waited_minutes) filter (where is_work) / nullif(sum(waited_minutes), 0)
                as work_ratio,
            count(*) filter (where milestone_number = 1 and order_id in (
                select s.order_id from marts.fct_order_states as s where s.is_deviation))
                as deviating_count
        from marts.{WAYS} where {where.sql}
    """  # noqa: S608  constants and bound values
    return reader.query(sql, where.params)[0]


def hops(reader: Reader, wanted: Slice) -> list[dict[str, Any]]:
    """One row a hop, the longest in all first."""
    where = wanted.where(reader).also("from_milestone_code is not null")
    sql = f"""
        select from_milestone_code, milestone_code, any_value(waits_for) as waits_for,
            any_value(is_work) as is_work, count(*) as order_count,
            sum(waited_minutes)::bigint as total_minutes,
            sum(waited_minutes) / nullif(sum(sum(waited_minutes)) over (), 0) as share_ratio,
            quantile_cont(waited_minutes, 0.5) as median_minutes,
            quantile_cont(waited_minutes, 0.9) as p90_minutes
        from marts.{WAYS} where {where.sql}
        group by from_milestone_code, milestone_code
        order by total_minutes desc, from_milestone_code, milestone_code
    """  # noqa: S608  constants and bound values
    return reader.query(sql, where.params)


def hop_days(reader: Reader, wanted: Slice, hop: tuple[str, str]) -> list[dict[str, Any]]:
    """One row a day: how long the hop took for the orders placed that day."""
    where = wanted.where(reader).also("from_milestone_code = ? and milestone_code = ?", *hop)
    sql = f"""
        select placed_date, count(*) as order_count,
            quantile_cont(waited_minutes, 0.5) as median_minutes,
            quantile_cont(waited_minutes, 0.9) as p90_minutes
        from marts.{WAYS} where {where.sql} group by placed_date order by placed_date
    """  # noqa: S608  constants and bound values
    return reader.query(sql, where.params)


def hop_orders(
    reader: Reader, wanted: Slice, hop: tuple[str, str], *, limit: int, offset: int = 0
) -> list[dict[str, Any]]:
    """Orders by the time the hop took, the longest first."""
    where = wanted.where(reader).also("from_milestone_code = ? and milestone_code = ?", *hop)
    columns = ", ".join(ORDER_COLUMNS)
    sql = (
        f"select {columns}, reached_at, waited_minutes from marts.{WAYS} where {where.sql} "  # noqa: S608
        "order by waited_minutes desc, order_id limit ? offset ?"
    )
    return reader.query(sql, [*where.params, limit, offset])


def standing(reader: Reader, wanted: Slice) -> list[dict[str, Any]]:
    """One row a milestone: orders that have come no further, and since when the oldest stands."""
    where = wanted.where(reader).also(
        "is_last and milestone_code not in ('COMPLETED', 'CANCELLED')"
    )
    sql = f"""
        select milestone_code, count(*) as order_count, min(reached_at) as oldest_at
        from marts.{WAYS} where {where.sql}
        group by milestone_code order by order_count desc, milestone_code
    """  # noqa: S608  constants and bound values
    return reader.query(sql, where.params)


def variants(reader: Reader, wanted: Slice, *, limit: int) -> list[dict[str, Any]]:
    """One row a way, the most frequent first, with its share and an order that went it."""
    where = wanted.where(reader).also("milestone_number = 1")
    sql = f"""
        select variant_code, count(*) as order_count,
            count(*) / sum(count(*)) over () as share_ratio, min(order_id) as example_order_id
        from marts.{WAYS} where {where.sql}
        group by variant_code order by order_count desc, variant_code limit ?
    """  # noqa: S608  constants and bound values
    return reader.query(sql, [*where.params, limit])


def variant_orders(
    reader: Reader, wanted: Slice, variant_code: str, *, limit: int, offset: int = 0
) -> list[dict[str, Any]]:
    """Orders that went one way, with the whole time of each."""
    where = wanted.where(reader).also("variant_code = ?", variant_code)
    columns = ", ".join(ORDER_COLUMNS)
    sql = f"""
        select {columns}, max(reached_at) as reached_at,
            coalesce(sum(waited_minutes), 0)::bigint as waited_minutes
        from marts.{WAYS} where {where.sql} group by {columns}
        order by placed_date desc, order_id limit ? offset ?
    """  # noqa: S608  constants and bound values
    return reader.query(sql, [*where.params, limit, offset])


_DEVIATIONS = f"marts.{WAYS} inner join marts.fct_order_states using (order_id)"


def deviations(reader: Reader, wanted: Slice) -> list[dict[str, Any]]:
    """One row a kind of deviation: orders it happened to, and the share of all orders."""
    where = wanted.where(reader).also("milestone_number = 1")
    orders = f"(select count(*) from marts.{WAYS} where {where.sql})"  # noqa: S608
    sql = f"""
        select deviation_code, count(distinct order_id) as order_count, count(*) as event_count,
            count(distinct order_id) / nullif({orders}, 0) as share_ratio,
            max(occurred_at) as last_occurred_at
        from {_DEVIATIONS} where {where.sql} and is_deviation
        group by deviation_code order by order_count desc, deviation_code
    """  # noqa: S608  constants and bound values
    return reader.query(sql, [*where.params, *where.params])


def deviation_orders(
    reader: Reader, wanted: Slice, deviation_code: str, *, limit: int, offset: int = 0
) -> list[dict[str, Any]]:
    """What happened in which state, the newest first."""
    where = wanted.where(reader).also("milestone_number = 1")
    where = where.also("is_deviation and deviation_code = ?", deviation_code)
    sql = f"""
        select {", ".join(ORDER_COLUMNS)}, event_type, occurred_at, headline_status
        from {_DEVIATIONS} where {where.sql}
        order by occurred_at desc, order_id, state_number limit ? offset ?
    """  # noqa: S608  constants and bound values
    return reader.query(sql, [*where.params, limit, offset])
