"""Where promises break: minutes beyond the deadline by what might be to blame.

The minutes are those of the metric `sla_breach_minutes`, so the parts of every cut add up to it.
What is expected of a clock is the mean of all clocks of its promise and channel; excess is what
came beyond that, and all excess together is nothing. An order with several articles, suppliers,
carriers or rules shares its minutes among them evenly.
"""

from __future__ import annotations

from typing import Any

from dashboards.queries.analysis.asked import Asked
from dashboards.reader import Where

PARTS = (
    "sla_code", "milestone_code", "carrier", "warehouse_id", "category", "sku", "supplier_id",
    "rule_code", "hour_number", "channel",
)  # fmt: skip
COLUMNS = (
    "part", "breach_count", "clock_count", "over_minutes", "share_ratio", "cumulative_ratio",
    "expected_minutes", "excess_hours", "is_small",
)  # fmt: skip
CLOCK_COLUMNS = ("order_id", "sla_code", "channel", "shop_id", "due_at", "stopped_at",
                 "over_minutes", "weight_ratio")  # fmt: skip
_LINES = (
    "select distinct clocks.clock_id, {part} as part from clocks "
    "inner join marts.fct_order_lines as lines on clocks.order_id = lines.order_id "
    "left join marts.dim_products as articles on lines.sku = articles.sku "
    "where lines.line_kind = 'goods' and {part} is not null"
)
_PARCELS = (
    "select distinct clocks.clock_id, parcels.{part} as part from clocks "
    "inner join marts.fct_shipments as parcels on clocks.order_id = parcels.order_id "
    "and (clocks.entity_type <> 'shipment' or clocks.entity_id = parcels.shipment_id) "
    "where parcels.{part} is not null"
)
# What a clock's minutes are shared among; a clock that is not in it has no such part.
_SHARED = {
    "carrier": _PARCELS.format(part="carrier"),
    "warehouse_id": _PARCELS.format(part="warehouse_id"),
    "category": _LINES.format(part="articles.category"),
    "sku": _LINES.format(part="lines.sku"),
    "supplier_id": _LINES.format(part="lines.supplier_id"),
    "rule_code": (
        "select distinct clocks.clock_id, hits.rule_code as part from clocks "
        "inner join marts.fct_review_hits as hits on clocks.order_id = hits.order_id "
        "where hits.effect <> 'pass'"
    ),
    # Where the order stood when the deadline passed.
    "milestone_code": (
        "select clocks.clock_id, ways.milestone_code as part from clocks "
        "asof inner join marts.fct_order_milestones as ways "
        "on clocks.order_id = ways.order_id and clocks.due_at >= ways.reached_at"
    ),
}


def _clocks(asked: Asked, part: str) -> tuple[str, list[Any]]:
    """`clocks` that fell due, and `shared`: each with its parts and the weight of each."""
    asked.needs(
        "fct_sla_clocks", "clock_id", "sla_code", "order_id", "channel", "started_at", "due_at",
        "stopped_at", "cancelled_at",
    )  # fmt: skip
    own = "select clock_id, {part} as part from clocks"
    hour = f"hour({asked.local('started_at')})::varchar"
    by_itself = {"hour_number": own.format(part=hour)}
    where = asked.where("fct_sla_clocks", asked.day("due_at")).also(
        "cancelled_at is null and due_at is not null and (stopped_at is not null or due_at <= ?)",
        asked.as_of,
    )
    keyed = (_SHARED | by_itself).get(part) or own.format(part=part)
    sql = f"""
        with clocks as (
            select clock_id, sla_code, entity_type, entity_id, order_id, channel, shop_id,
                started_at, due_at, stopped_at,
                greatest(0, date_diff('second', due_at,
                    least(coalesce(stopped_at, ?::timestamp), ?::timestamp)) / 60.0)
                    as over_minutes
            from marts.fct_sla_clocks where {where.sql}
        ),
        expected as (
            select *, avg(over_minutes) over (partition by sla_code, channel) as expected_minutes
            from clocks
        ),
        keyed as ({keyed}),
        weighted as (
            select *, 1.0::double / count(*) over (partition by clock_id) as weight from keyed
        ),
        shared as (
            select expected.*, weighted.part, coalesce(weighted.weight, 1.0) as weight
            from expected left join weighted on expected.clock_id = weighted.clock_id
        )
    """  # noqa: S608  constants and bound values
    return sql, [asked.as_of, asked.as_of, *where.params]


def total(asked: Asked) -> dict[str, Any]:
    """All of it: clocks that fell due, those that broke, minutes beyond."""
    clocks, params = _clocks(asked, "sla_code")
    sql = f"""
        {clocks}
        select count(*) as clock_count, count(*) filter (where over_minutes > 0) as breach_count,
            coalesce(sum(over_minutes), 0) as over_minutes from clocks
    """  # noqa: S608  constants and bound values
    return asked.rows(sql, params)[0]


def causes(asked: Asked, part: str) -> list[dict[str, Any]]:
    """One row a part, the one with the most minutes first; null is what has no such part."""
    clocks, params = _clocks(asked, part)
    sql = f"""
        {clocks},
        added as (
            select part, count(*) as clock_count,
                count(*) filter (where over_minutes > 0) as breach_count,
                sum(weight * over_minutes) as over_minutes,
                sum(weight * expected_minutes) as expected_minutes
            from shared group by part
        )
        select *, over_minutes / nullif(sum(over_minutes) over (), 0) as share_ratio,
            sum(over_minutes) over (order by over_minutes desc, part nulls last
                rows unbounded preceding) / nullif(sum(over_minutes) over (), 0)
                as cumulative_ratio,
            (over_minutes - expected_minutes) / 60 as excess_hours,
            clock_count < {asked.limit("small_group_count")} as is_small
        from added order by over_minutes desc, part nulls last
    """  # noqa: S608  constants and bound values
    return asked.rows(sql, params)


def clocks(
    asked: Asked, part: str, code: str | None, *, limit: int, offset: int = 0
) -> list[dict[str, Any]]:
    """The broken promises of a part, the longest overrun first."""
    found, params = _clocks(asked, part)
    where = Where().also("over_minutes > 0 and part is not distinct from ?", code)
    sql = f"""
        {found}
        select order_id, sla_code, entity_type, entity_id, channel, shop_id, due_at, stopped_at,
            over_minutes, weight as weight_ratio
        from shared where {where.sql}
        order by over_minutes * weight desc, clock_id limit ? offset ?
    """  # noqa: S608  constants and bound values
    return asked.rows(sql, [*params, *where.params, limit, offset])
