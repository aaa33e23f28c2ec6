"""What is bought together: pairs of articles in one order, against what chance would bring.

Only pairs of articles that are each frequent enough can be frequent themselves, so the others are
dropped before anything is paired; very large orders are no baskets and are left out. Both keep the
work bounded: at most `basket_skus_most` squared pairs an order.
"""

from __future__ import annotations

from typing import Any

from dashboards.queries.analysis.asked import Asked

COLUMNS = (
    "sku", "product_name", "other_sku", "other_name", "pair_count", "support_ratio",
    "confidence_ratio", "reverse_ratio", "lift_factor", "lift_low_factor", "lift_high_factor",
)  # fmt: skip


def _kept(asked: Asked) -> tuple[str, list[Any]]:
    """Orders and their articles, each once: valid orders, goods that were not cancelled."""
    asked.needs("fct_orders", "order_id", "is_valid", "placed_date")
    asked.needs("fct_order_lines", "order_id", "line_kind", "sku", "quantity")
    where = asked.where("fct_orders", "placed_date").also("is_valid")
    sql = f"""
        with chosen as (select order_id from marts.fct_orders where {where.sql}),
        items as (
            select distinct lines.order_id, lines.sku
            from marts.fct_order_lines as lines
            inner join chosen on lines.order_id = chosen.order_id
            where lines.line_kind = 'goods' and lines.sku is not null
                and lines.quantity > lines.cancelled_quantity
        ),
        sizes as (select order_id, count(*) as sku_count from items group by order_id),
        kept as (
            select items.order_id, items.sku
            from items inner join sizes on items.order_id = sizes.order_id
            where sizes.sku_count <= {int(asked.limit("basket_skus_most"))}
        )
    """  # noqa: S608  constants and bound values
    return sql, list(where.params)


def summary(asked: Asked) -> dict[str, Any]:
    """Orders looked at, those of several articles, those too large, and the most frequent pair."""
    kept, params = _kept(asked)
    sql = f"""
        {kept},
        counted as (select order_id, count(*) as sku_count from kept group by order_id)
        select (select count(*) from counted) as order_count,
            (select count(*) from counted where sku_count > 1) as mixed_count,
            (select count(*) from sizes) - (select count(*) from counted) as large_count,
            (select count(distinct sku) from kept) as sku_count
    """  # noqa: S608  constants and bound values
    return asked.rows(sql, params)[0]


def pairs(asked: Asked, *, least: int, limit: int) -> list[dict[str, Any]]:
    """Pairs in at least `least` orders, the strongest first.

    `confidence_ratio` is how many buyers of the first bought the second, `reverse_ratio` the other
    way round. The interval of the lift is the 95% one of its logarithm (delta method).
    """
    kept, params = _kept(asked)
    sql = f"""
        {kept},
        frequent as (
            select sku, count(*) as n from kept group by sku having count(*) >= ?
        ),
        held as (
            select kept.order_id, kept.sku, frequent.n
            from kept inner join frequent on kept.sku = frequent.sku
        ),
        paired as (
            select one.sku, other.sku as other_sku, count(*)::double as pair_count,
                any_value(one.n)::double as one_count, any_value(other.n)::double as other_count
            from held as one
            inner join held as other on one.order_id = other.order_id and one.sku < other.sku
            group by one.sku, other.sku having count(*) >= ?
        ),
        measured as (
            select paired.*, totals.n,
                pair_count * totals.n / (one_count * other_count) as lift,
                sqrt(greatest(0, 1 / pair_count - 1 / one_count - 1 / other_count
                    + 2 * pair_count / (one_count * other_count) - 1 / totals.n)) as spread
            from paired
            cross join (select count(distinct order_id)::double as n from kept) as totals
        )
        select measured.sku, names.product_name, measured.other_sku,
            others.product_name as other_name, pair_count::bigint as pair_count,
            pair_count / n as support_ratio, pair_count / one_count as confidence_ratio,
            pair_count / other_count as reverse_ratio, lift as lift_factor,
            lift * exp(-1.96 * spread) as lift_low_factor,
            lift * exp(1.96 * spread) as lift_high_factor
        from measured
        left join marts.dim_products as names on measured.sku = names.sku
        left join marts.dim_products as others on measured.other_sku = others.sku
        order by lift_low_factor desc, pair_count desc, measured.sku, measured.other_sku limit ?
    """  # noqa: S608  constants and bound values
    return asked.rows(sql, [*params, least, least, limit])


def largest_pair(asked: Asked) -> int:
    """In how many orders the most frequent pair is: said when no pair is frequent enough."""
    found = pairs(asked, least=2, limit=1_000)
    return max((row["pair_count"] for row in found), default=0)
