"""Two builds of the same facts side by side: queue sizes, broken promises, false holds."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

# Each query: one row a code, the measures of the period. `since` and `now` are macros' arguments.
_QUEUES = """
    select queue_code as code,
        count(*) filter (where opened_at >= $since) as opened,
        count(*) filter (where opened_at <= $now and (closed_at is null or closed_at > $now))
            as still_open
    from {side}.marts.queue_items group by queue_code
"""
_PROMISES = """
    select sla_code as code, count(*) as clocks,
        count(*) filter (where due_at <= $now
            and coalesce(stopped_at, cancelled_at, $now) > due_at) as broken
    from {side}.marts.fct_sla_clocks where started_at >= $since group by sla_code
"""
# A hold was false when the order shipped after all, stayed with its buyer and was not refunded.
_REVIEWS = """
    select hits.rule_code as code, count(distinct hits.order_id) as held,
        count(distinct hits.order_id) filter (where orders.shipped_at is not null
            and coalesce(orders.refunded_amount, 0) = 0 and orders.after_sales_status = 'NONE'
            and orders.logistics_status not in ('RETURNING', 'RETURNED', 'LOST')) as false_holds
    from {side}.marts.fct_review_hits as hits
    inner join {side}.marts.fct_orders as orders using (order_id)
    where hits.hit_at >= $since and hits.effect <> 'pass' group by hits.rule_code
"""
_MEASURES = {
    "queues": (_QUEUES, ("opened", "still_open")),
    "promises": (_PROMISES, ("clocks", "broken")),
    "reviews": (_REVIEWS, ("held", "false_holds")),
}


def compare(before: Path, after: Path, now: datetime, days: int) -> dict[str, list[dict[str, Any]]]:
    """Section -> one row a code with `<measure>_before` and `<measure>_after`.

    Args:
        before: marts under the policies that hold; after: marts under the changed ones.
        days: how far back openings, starts and hits count.
    """
    period = {"now": now, "since": now - timedelta(days=days)}
    with duckdb.connect() as con:
        con.execute(f"attach '{before}' as before_marts (read_only)")
        con.execute(f"attach '{after}' as after_marts (read_only)")
        return {
            section: _section(con, query, measures, period)
            for section, (query, measures) in _MEASURES.items()
        }


def _section(
    con: duckdb.DuckDBPyConnection, query: str, measures: tuple[str, ...], period: dict[str, Any]
) -> list[dict[str, Any]]:
    columns = ", ".join(
        f"coalesce({side}.{name}, 0) as {name}_{side}"
        for name in measures
        for side in ("before", "after")
    )
    cursor = con.execute(
        f"select code, {columns} from ({query.format(side='before_marts')}) as before "  # noqa: S608
        f"full join ({query.format(side='after_marts')}) as after using (code) order by code",
        {name: value for name, value in period.items() if f"${name}" in query},
    )
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
