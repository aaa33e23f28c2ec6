"""Service levels: what was kept, what is open, and what is about to break.

A clock's outcome depends on the moment it is read, so it is told here and not in the marts. The
forecast is the share of earlier clocks that breached from where an open one stands now
(`agg_breach_rates`); `agg_breach_calibration` says how good that was.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from dashboards.reader import Reader, Where

OUTCOMES = (
    "met", "met_late", "breached", "unheard", "warning", "running", "paused", "cancelled",
)  # fmt: skip
OPEN = ("breached", "unheard", "warning", "running", "paused")
HORIZONS = (4, 24)

# `now` is bound three times. A promise that ended after its deadline was broken, however it ended;
# one that fell due after the last file that could tell its end is not known to be.
_OUTCOME = """case
    when c.stopped_at is not null and (c.due_at is null or c.stopped_at <= c.due_at) then 'met'
    when c.stopped_at is not null then 'met_late'
    when c.cancelled_at is not null and (c.due_at is null or c.cancelled_at <= c.due_at)
        then 'cancelled'
    when c.cancelled_at is not null then 'met_late'
    when c.due_at is null then 'paused'
    when c.due_at <= ? and c.due_at > k.known_until_at then 'unheard'
    when c.due_at <= ? then 'breached'
    when c.warn_at <= ? then 'warning'
    else 'running' end"""

_HORIZON = """left join marts.agg_feed_horizons as k
    on c.sla_code = k.sla_code and c.shop_id = k.shop_id"""

# How likely an open clock breaches, from the tenth of its time that passed; `now` is bound once.
_FORECAST = """left join marts.fct_shipments as s
    on c.entity_type = 'shipment' and c.entity_id = s.shipment_id
left join marts.agg_breach_rates as f
    on c.sla_code = f.sla_code and f.segment = coalesce(s.carrier, c.channel, '')
    and f.weekday = isodow(c.started_at) and f.day_quarter = hour(c.started_at) // 6
    and f.tenth = least(9, greatest(0, floor(10 * epoch(?::timestamp - c.started_at)
        / greatest(60, epoch(c.due_at - c.started_at)))))"""
# A break is known to people by its key and order; its id is a digest.
_BREAK = """left join (
        select case_id, min(match_key) as match_key, min(order_id) as order_id
        from marts.fct_recon_breaks group by case_id
    ) as b on c.entity_type = 'recon_break' and c.entity_id = b.case_id"""
_IS_OPEN = "c.stopped_at is null and c.cancelled_at is null"


def _scoped(reader: Reader, where: Where) -> Where:
    """Cut down to the reader's shops, for clocks under the name `c`."""
    if reader.shops is None:
        return where
    return where.also("c.shop_id in (select unnest(?::varchar[]))", list(reader.shops))


def attainment(reader: Reader, now: datetime, first: datetime) -> list[dict[str, Any]]:
    """One row a service level: its clocks started since `first` by outcome, and minutes they took.

    `kept_ratio` is met / (met + met late + breached); null while nothing is decided, and where the
    clocks that were met are not kept.
    """
    where = _scoped(reader, Where().also("c.started_at >= ?", first))
    counts = ", ".join(
        f"count(*) filter (where outcome = '{outcome}') as {outcome}_count" for outcome in OUTCOMES
    )
    sql = f"""
        with told as (
            select c.sla_code, p.is_met_kept, {_OUTCOME} as outcome,
                epoch(c.stopped_at - c.started_at) / 60 as minutes
            from marts.fct_sla_clocks as c {_HORIZON}
            inner join policies.sla_policies as p on c.sla_code = p.sla_code
            where {where.sql}
        )
        select sla_code, count(*) as clock_count, {counts},
            any_value(is_met_kept) as is_met_kept,
            count(*) filter (where outcome = 'met' and is_met_kept)
                / nullif(count(*) filter (where is_met_kept
                    and outcome in ('met', 'met_late', 'breached')), 0)
                as kept_ratio,
            quantile_cont(minutes, 0.5) as median_minutes,
            quantile_cont(minutes, 0.9) as p90_minutes
        from told group by sla_code order by sla_code
    """  # noqa: S608  constants and bound values
    return reader.query(sql, [now] * 3 + list(where.params))


def expected_breaches(reader: Reader, now: datetime) -> list[dict[str, Any]]:
    """One row a service level: open clocks due in the next hours, and how many will breach."""
    where = _scoped(reader, Where().also(_IS_OPEN).also("c.due_at > ?", now))
    where = where.also("c.due_at <= ?", now + timedelta(hours=max(HORIZONS)))
    columns = ", ".join(
        f"count(*) filter (where c.due_at <= ?) as due_{hours}h_count, "
        f"sum(coalesce(f.breach_probability, 0)) filter (where c.due_at <= ?)"
        f" as breach_{hours}h_expected"
        for hours in HORIZONS
    )
    ends = [now + timedelta(hours=hours) for hours in HORIZONS for _ in range(2)]
    sql = (
        f"select c.sla_code, {columns} from marts.fct_sla_clocks as c {_FORECAST} "  # noqa: S608
        f"where {where.sql} group by c.sla_code order by c.sla_code"
    )
    return reader.query(sql, [*ends, now, *where.params])


def open_clocks(
    reader: Reader, now: datetime, sla_code: str, outcomes: tuple[str, ...], *,
    limit: int, offset: int = 0,
) -> list[dict[str, Any]]:  # fmt: skip
    """Open clocks of one service level, the next to break first, each with its forecast."""
    where = _scoped(reader, Where().also("c.sla_code = ?", sla_code).also(_IS_OPEN))
    sql = f"""
        select c.clock_id, c.entity_type, coalesce(b.match_key, c.entity_id) as entity_id,
            coalesce(c.order_id, b.order_id) as order_id, c.channel, c.shop_id,
            c.started_at, c.due_at, {_OUTCOME} as outcome,
            k.known_until_at,
            case when c.due_at <= ? then 1 else f.breach_probability end as breach_probability
        from marts.fct_sla_clocks as c {_HORIZON} {_FORECAST} {_BREAK}
        where {where.sql} and list_contains(?::varchar[], {_OUTCOME})
        order by c.due_at nulls last, c.clock_id limit ? offset ?
    """  # noqa: S608  constants and bound values
    params = [now] * 5 + [*where.params, list(outcomes)] + [now] * 3 + [limit, offset]
    return reader.query(sql, params)


def open_count(reader: Reader, now: datetime, sla_code: str, outcomes: tuple[str, ...]) -> int:
    where = _scoped(reader, Where().also("c.sla_code = ?", sla_code).also(_IS_OPEN))
    sql = (
        f"select count(*) as n from marts.fct_sla_clocks as c {_HORIZON} where {where.sql} "  # noqa: S608
        f"and list_contains(?::varchar[], {_OUTCOME})"
    )
    return reader.query(sql, [*where.params, list(outcomes)] + [now] * 3)[0]["n"]


def calibration(reader: Reader, sla_code: str | None) -> list[dict[str, Any]]:
    """One row a tenth of forecast probability: how many forecasts, what was said and what came."""
    where = Where() if sla_code is None else Where().also("sla_code = ?", sla_code)
    where = reader.scope("agg_breach_calibration", where)
    sql = f"""
        select probability_bin, sum(forecast_count) as forecast_count,
            sum(forecast_count * mean_probability) / sum(forecast_count) as forecast_ratio,
            sum(breach_count) / sum(forecast_count) as observed_ratio,
            sum(forecast_count * brier_score) / sum(forecast_count) as brier_score
        from marts.agg_breach_calibration where {where.sql}
        group by probability_bin order by probability_bin
    """  # noqa: S608  constants and bound values
    return reader.query(sql, where.params)
