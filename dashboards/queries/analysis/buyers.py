"""Buyers over time: new and returning ones, who comes back, what they have brought so far.

A buyer is one blind index of a phone number, whatever the channel; the index is counted and never
shown. The first valid order makes a buyer new. Somebody who may see only some shops sees buyers as
those shops know them.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from dashboards.queries.analysis.asked import VALID_NET, Asked, narrowed
from dashboards.reader import Where

MONTHS = 12
PERIOD_COLUMNS = (
    "month_date", "order_count", "new_count", "repeat_count", "repeat_ratio", "new_amount",
    "repeat_amount", "currency_code",
)  # fmt: skip
COHORT_COLUMNS = (
    "cohort_date", "buyer_count", "month_number", "active_count", "retention_ratio",
    "value_amount", "currency_code", "is_mature",
)  # fmt: skip


def _ranked(asked: Asked) -> tuple[str, list[Any]]:
    """Valid orders of known buyers, numbered from the first of each."""
    asked.needs(
        "fct_orders", "order_id", "is_valid", "placed_at", "placed_date", "goods_amount",
        "discount_amount", "refunded_amount", "currency_code",
    )  # fmt: skip
    where = asked.reader.scope("fct_orders", Where().also("is_valid"))
    sql = f"""
        ranked as (
            select order_id, buyer_phone_index as buyer, placed_at, placed_date, channel, shop_id,
                coalesce(currency_code, '') as currency_code, {VALID_NET} as net_amount,
                row_number() over (
                    partition by buyer_phone_index order by placed_at, order_id
                ) as place
            from marts.fct_orders where {where.sql} and buyer_phone_index is not null
        )
    """  # noqa: S608  constants and bound values
    return sql, list(where.params)


def unknown(asked: Asked) -> int:
    """Valid orders of the period that name no buyer: they are in no figure of buyers."""
    where = asked.where("fct_orders", "placed_date").also("is_valid")
    return asked.reader.count("fct_orders", where.also("buyer_phone_index is null"))


def by_month(asked: Asked) -> list[dict[str, Any]]:
    """One row a month: orders of new and of returning buyers, and their net sales."""
    ranked, params = _ranked(asked)
    where = Where().also(
        "placed_date between ? and ?", asked.wanted.period.first, asked.wanted.period.last
    )
    where = narrowed(where, asked.wanted)
    sql = f"""
        with {ranked}
        select date_trunc('month', placed_date)::date as month_date, count(*) as order_count,
            count(distinct buyer) as buyer_count,
            count(*) filter (where place = 1) as new_count,
            count(*) filter (where place > 1) as repeat_count,
            count(*) filter (where place > 1) / count(*) as repeat_ratio,
            coalesce(sum(net_amount) filter (where place = 1 and currency_code = ?), 0)
                as new_amount,
            coalesce(sum(net_amount) filter (where place > 1 and currency_code = ?), 0)
                as repeat_amount,
            ? as currency_code
        from ranked where {where.sql} group by month_date order by month_date
    """  # noqa: S608  constants and bound values
    currency = asked.wanted.currency
    return asked.rows(sql, [*params, currency, currency, currency, *where.params])


def first_months(asked: Asked) -> tuple[date, date]:
    """The months of the cohorts shown: a year of them, up to the last day asked for."""
    last = min(asked.wanted.period.last, asked.today).replace(day=1)
    year, month = divmod(last.year * 12 + last.month - MONTHS, 12)
    return date(year, month + 1, 1), last


def cohorts(asked: Asked) -> list[dict[str, Any]]:
    """One row a cohort and month since: who bought again, and net sales per buyer so far.

    The channels and shops asked for are those of the first order; later orders count wherever they
    were placed. Net sales are of the buyers whose first order is in the currency asked for. A cell
    is mature when its month is over.
    """
    ranked, params = _ranked(asked)
    first, last = first_months(asked)
    where = Where().also(
        "place = 1 and date_trunc('month', placed_date)::date between ? and ?", first, last
    )
    where = narrowed(where, asked.wanted)
    sql = f"""
        with {ranked},
        begun as (
            select buyer, date_trunc('month', placed_date)::date as cohort_date,
                currency_code = ? as is_mine
            from ranked where {where.sql}
        ),
        moved as (
            select begun.cohort_date, ranked.buyer, begun.is_mine,
                date_diff('month', begun.cohort_date, date_trunc('month', ranked.placed_date)::date)
                    as month_number,
                case when begun.is_mine and ranked.currency_code = ? then ranked.net_amount else 0
                end as net_amount
            from begun inner join ranked on begun.buyer = ranked.buyer
        )
        select cohort_date, month_number, count(distinct buyer) as active_count,
            count(distinct buyer) filter (where is_mine) as mine_count,
            sum(net_amount) as net_amount
        from moved group by cohort_date, month_number order by cohort_date, month_number
    """  # noqa: S608  constants and bound values
    currency = asked.wanted.currency
    found = asked.rows(sql, [*params, currency, *where.params, currency])
    return _filled(found, asked.today, currency)


def _filled(found: list[dict[str, Any]], today: date, currency: str) -> list[dict[str, Any]]:
    """Every month from a cohort's own up to now, also those nobody came back in."""
    rows = []
    cells = {(row["cohort_date"], row["month_number"]): row for row in found}
    for cohort in sorted({row["cohort_date"] for row in found}):
        own, sales = cells[cohort, 0], 0
        age = (today.year - cohort.year) * 12 + today.month - cohort.month
        for number in range(age + 1):
            cell = cells.get((cohort, number), {"active_count": 0, "net_amount": 0})
            sales += cell["net_amount"]
            rows.append(
                {
                    "cohort_date": cohort, "month_number": number,
                    "buyer_count": own["active_count"], "active_count": cell["active_count"],
                    "retention_ratio": cell["active_count"] / own["active_count"],
                    "value_amount": sales / own["mine_count"] if own["mine_count"] else None,
                    "currency_code": currency, "is_mature": month_end(cohort, number) < today,
                }
            )  # fmt: skip
    return rows


def month_end(first: date, months: int) -> date:
    """The last day of the month so many months after one."""
    year, month = divmod(first.year * 12 + first.month + months, 12)
    return date(year, month + 1, 1) - timedelta(days=1)
