"""When people buy: orders by the weekday and hour at which the shop's own clock stood."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dashboards.queries.analysis.asked import Asked
from dashboards.queries.overview import Period

COLUMNS = ("channel", "weekday_number", "hour_number", "order_count", "valid_count", "per_day")
# A shop's own row of the policy, else its channel's, else the one for any.
_ZONED = """
    left join policies.channels as shop_rule
        on shop_rule.channel = chosen.channel and shop_rule.shop_id = chosen.shop_id
    left join policies.channels as channel_rule
        on channel_rule.channel = chosen.channel and channel_rule.shop_id = '*'
    inner join policies.channels as any_rule
        on any_rule.channel = '*' and any_rule.shop_id = '*'
"""


def hours(asked: Asked) -> list[dict[str, Any]]:
    """One row a channel, weekday (1 is Monday) and hour in which orders were placed."""
    asked.needs("fct_orders", "order_id", "channel", "shop_id", "placed_at", "placed_date")
    where = asked.where("fct_orders", "placed_date")
    sql = f"""
        with chosen as (
            select channel, shop_id, placed_at, is_valid
            from marts.fct_orders where {where.sql} and placed_at is not null
        ),
        told as (
            select chosen.channel, chosen.is_valid,
                timezone(coalesce(shop_rule.zone, channel_rule.zone, any_rule.zone),
                    timezone('UTC', chosen.placed_at)) as local_at
            from chosen {_ZONED}
        )
        select channel, isodow(local_at)::integer as weekday_number,
            hour(local_at)::integer as hour_number, count(*) as order_count,
            count(*) filter (where is_valid) as valid_count
        from told group by channel, weekday_number, hour_number
        order by channel, weekday_number, hour_number
    """  # noqa: S608  constants and bound values
    rows = asked.rows(sql, where.params)
    days = weekdays(asked.wanted.period)
    for row in rows:
        # A shop abroad may be a weekday ahead of the period's first day or behind its last.
        row["per_day"] = row["order_count"] / max(days[row["weekday_number"]], 1)
    return rows


def weekdays(period: Period) -> dict[int, int]:
    """How often each weekday comes in a period: a sum over five Mondays is no busier Monday."""
    found = dict.fromkeys(range(1, 8), 0)
    for number in range(period.days):
        found[(period.first + timedelta(days=number)).isoweekday()] += 1
    return found


def grid_of(rows: list[dict[str, Any]], channel: str | None) -> list[dict[str, Any]]:
    """All 168 hours of a week, of one channel or of all together."""
    found = {
        (weekday, hour): {
            "weekday_number": weekday, "hour_number": hour,
            "order_count": 0, "valid_count": 0, "per_day": 0.0,
        }
        for weekday in range(1, 8)
        for hour in range(24)
    }  # fmt: skip
    for row in rows:
        if channel in (None, row["channel"]):
            cell = found[row["weekday_number"], row["hour_number"]]
            for name in ("order_count", "valid_count", "per_day"):
                cell[name] += row[name]
    return list(found.values())


def busiest(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row a channel: its orders, its fullest hour of the week, its share at night, weekends."""
    found = []
    for channel in sorted({row["channel"] for row in rows}):
        mine = [row for row in rows if row["channel"] == channel]
        total = sum(row["order_count"] for row in mine)
        peak = max(mine, key=lambda row: (row["per_day"], -row["weekday_number"]))
        night = sum(row["order_count"] for row in mine if row["hour_number"] < 6)
        weekend = sum(row["order_count"] for row in mine if row["weekday_number"] > 5)
        found.append(
            {
                "channel": channel, "order_count": total,
                "weekday_number": peak["weekday_number"], "hour_number": peak["hour_number"],
                "per_day": peak["per_day"], "night_ratio": night / total,
                "weekend_ratio": weekend / total,
            }
        )  # fmt: skip
    return sorted(found, key=lambda row: (-row["order_count"], row["channel"]))
