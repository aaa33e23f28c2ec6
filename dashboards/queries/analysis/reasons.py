"""Why goods come back: reasons of after-sales cases by what they are about, and how they move.

A case counts on the business day it was asked for. Reasons are the desk's own words, kept as they
are. What is compared is the period just before, as long.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dashboards.queries.analysis.asked import Asked
from dashboards.queries.overview import Slice
from dashboards.reader import Where

PARTS = ("all", "case_kind", "sku", "category", "shop_id", "channel", "supplier_id")
COLUMNS = (
    "part", "product_name", "reason", "case_count", "part_count", "share_ratio", "before_ratio",
    "is_small",
)  # fmt: skip
CASE_COLUMNS = ("case_id", "order_id", "shop_id", "case_kind", "case_status", "sku", "reason",
                "requested_at")  # fmt: skip
_PART = {
    "all": "null::varchar",
    "category": "articles.category",
    **{name: f"cases.{name}" for name in ("case_kind", "sku", "shop_id", "channel", "supplier_id")},
}


def _cases(asked: Asked, wanted: Slice) -> Where:
    asked.needs("fct_after_sales_cases", "case_id", "reason", "requested_at", "sku")
    return asked.where("fct_after_sales_cases", asked.day("requested_at"), wanted)


def reasons(asked: Asked, part: str, *, limit: int) -> list[dict[str, Any]]:
    """One row a part and reason, the most frequent part first; shares are of the part."""
    period = asked.wanted.period
    now, before = (_cases(asked, of) for of in (asked.wanted, asked.wanted.over(period.before())))
    name = "any_value(articles.product_name)" if part == "sku" else "null"
    sql = f"""
        with told as (
            select 'now' as era, * from marts.fct_after_sales_cases where {now.sql}
            union all
            select 'before', * from marts.fct_after_sales_cases where {before.sql}
        ),
        counted as (
            select {_PART[part]} as part, cases.reason, {name} as product_name,
                count(*) filter (where era = 'now') as case_count,
                count(*) filter (where era = 'before') as before_count
            from told as cases left join marts.dim_products as articles on cases.sku = articles.sku
            group by {_PART[part]}, cases.reason
        ),
        shared as (
            select *, sum(case_count) over (partition by part) as part_count,
                sum(before_count) over (partition by part) as part_before_count
            from counted
        )
        select part, product_name, reason, case_count, part_count,
            case_count / part_count as share_ratio,
            before_count / nullif(part_before_count, 0) as before_ratio,
            part_count < {asked.limit("small_group_count")} as is_small
        from shared where case_count > 0
        order by part_count desc, part, case_count desc, reason limit ?
    """  # noqa: S608  constants and bound values
    return asked.rows(sql, [*now.params, *before.params, limit])


def by_week(asked: Asked, *, top: int) -> list[dict[str, Any]]:
    """One row a week and reason: of the most frequent ones, every week of the period."""
    where = _cases(asked, asked.wanted)
    sql = f"""
        with told as (
            select reason, date_trunc('week', {asked.day("requested_at")})::date as week_date
            from marts.fct_after_sales_cases where {where.sql}
        ),
        frequent as (
            select reason, count(*) as n from told group by reason order by n desc, reason limit ?
        )
        select told.week_date, told.reason, count(*) as case_count
        from told inner join frequent on told.reason is not distinct from frequent.reason
        group by told.week_date, told.reason order by told.week_date, told.reason
    """  # noqa: S608  constants and bound values
    rows = asked.rows(sql, [*where.params, top])
    found = {(row["week_date"], row["reason"]): row["case_count"] for row in rows}
    period = asked.wanted.period
    monday = period.first - timedelta(days=period.first.weekday())
    weeks = [monday + timedelta(days=day) for day in range(0, (period.last - monday).days + 1, 7)]
    return [
        {"week_date": week, "reason": reason, "case_count": found.get((week, reason), 0)}
        for week in weeks
        for reason in sorted({row["reason"] for row in rows}, key=str)
    ]


def cases(
    asked: Asked, part: str, code: str | None, reason: str | None, *, limit: int, offset: int = 0
) -> list[dict[str, Any]]:
    """The cases behind a row."""
    where = _cases(asked, asked.wanted).also("reason is not distinct from ?", reason)
    if part == "category":
        where = where.also(
            "sku in (select articles.sku from marts.dim_products as articles "
            "where articles.category = ?)" if code is not None else
            "not exists (select 1 from marts.dim_products as articles where "
            "articles.sku = fct_after_sales_cases.sku and articles.category is not null)",
            *([code] if code is not None else []),
        )  # fmt: skip
    elif part != "all":
        where = where.also(f"{part} is not distinct from ?", code)
    columns = asked.reader.columns("fct_after_sales_cases", CASE_COLUMNS)
    sql = (
        f"select {', '.join(columns)} from marts.fct_after_sales_cases where {where.sql} "  # noqa: S608
        "order by requested_at desc, case_id limit ? offset ?"
    )
    return asked.rows(sql, [*where.params, limit, offset])
