"""How urgent a case is: 0 to 600, the sum of parts that can be shown one by one.

    200 × chance that its promise breaks within four hours (1 once it is broken)
    150 × money at risk, up to the amount only one order in twenty exceeds
    100   the buyer urged or complained
     50   the buyer has completed as many orders as the rule for loyal buyers (RV22) asks
     75 × share of its time that has passed; where there is no deadline, of a week
     25   it has been here before

Two parts move with the clock, so the score is told when it is read, to the minute.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pyarrow as pa

from dashboards.reader import Reader
from dashboards.warehouse import Snapshot

PARTS = {"breach": 200, "value": 150, "urged": 100, "age": 75, "vip": 50, "repeat": 25}
LEVELS = (("high", 400), ("medium", 200), ("low", 0))
_SOON = timedelta(hours=4)
_WEEK_S = 7 * 24 * 3600

# `now` is bound to every `?`; what is due later cannot break within four hours.
_BREACH = (
    "case when q.due_at <= ? then 1 "
    "when f.breach_probability is not null then f.breach_probability "
    "when q.due_at <= ?::timestamp + interval 4 hour then 0.5 else 0 end"
)
_VALUE = "least(1, coalesce(abs(q.at_risk_amount) / nullif(v.usual_most, 0), 0))"
_AGE = (
    f"least(1, greatest(0, epoch(?::timestamp - coalesce(q.started_at, q.opened_at))"
    f" / coalesce(nullif(epoch(q.due_at - coalesce(q.started_at, q.opened_at)), 0), {_WEEK_S})))"
)


_SHARES = {
    "breach": _BREACH,
    "value": _VALUE,
    "urged": "case when q.is_urged then 1 else 0 end",
    "age": _AGE,
    "vip": "case when b.order_id is not null then 1 else 0 end",
    "repeat": "case when q.episode_number > 1 then 1 else 0 end",
}
_POINTS = ", ".join(
    f"round({most} * ({_SHARES[name]}))::integer as {name}_points" for name, most in PARTS.items()
)
_SCORES = f"""
    with usual as (
        select currency_code, quantile_cont(payable_amount, 0.95)::double as usual_most
        from marts.fct_orders where currency_code is not null group by currency_code
    ),
    bought as (
        select order_id, coalesce(channel || '|' || buyer_id, buyer_phone_index) as buyer_key,
            order_status in ('COMPLETED', 'ARCHIVED') and refunded_amount = 0 as is_kept
        from marts.fct_orders
    ),
    loyal as (
        select buyer_key from bought where is_kept group by buyer_key
        having count(*) >= (
            select min(threshold_value) from policies.review_rules
            where fact_name = 'vip_completed_count')
    ),
    of_loyal as (select order_id from bought where buyer_key in (select buyer_key from loyal))
    select q.item_id, {_POINTS}, {" + ".join(f"{name}_points" for name in PARTS)} as priority
    from marts.queue_items as q
    left join usual as v on q.currency_code = v.currency_code
    left join of_loyal as b on q.order_id = b.order_id
    left join policies.queues as u on q.queue_code = u.queue_code
    left join marts.fct_shipments as s
        on q.entity_type = 'shipment' and q.entity_id = s.shipment_id
    left join marts.agg_breach_rates as f
        on u.sla_code = f.sla_code and q.due_at > ? and q.due_at <= ?
        and f.segment = coalesce(s.carrier, q.channel, '')
        and f.weekday = isodow(q.started_at) and f.day_quarter = hour(q.started_at) // 6
        and f.tenth = least(9, greatest(0, floor(10 * epoch(?::timestamp - q.started_at)
            / greatest(60, epoch(q.due_at - q.started_at)))))
    where q.closed_at is null or q.closed_at > ?
"""  # noqa: S608  constants

# What a query adds: columns of the table `scores` beside the items `q`.
JOIN = "left join scores as p on q.item_id = p.item_id"


def columns(reader: Reader) -> str:
    """The score and its parts as columns of a query.

    Somebody who may not see money gets no points for it: the score would tell the amount.
    """
    is_told = reader.may_read("queue_items", "at_risk_amount")
    parts = [f"coalesce(p.{name}_points, 0) as {name}_points" for name in PARTS if name != "value"]
    value = "coalesce(p.value_points, 0)" if is_told else "0"
    rest = "" if is_told else " - coalesce(p.value_points, 0)"
    return f"{', '.join(parts)}, {value} as value_points, coalesce(p.priority, 0){rest} as priority"


def scores(snapshot: Snapshot, now: datetime) -> pa.Table:
    """Every open case's points at the minute of `now`: worked out once a minute for all readers."""
    minute = now.replace(second=0, microsecond=0)
    known = snapshot.memo.get("priority")
    if known is None or known[0] != minute:
        params = [minute, minute, minute, minute, minute + _SOON, minute, minute]
        known = (minute, snapshot.table(_SCORES, params))
        snapshot.memo["priority"] = known
    return known[1]


def level(score: int) -> str:
    """`high`, `medium` or `low`."""
    return next(name for name, least in LEVELS if score >= least)
