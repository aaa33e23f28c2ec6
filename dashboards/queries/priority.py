"""How urgent a case is: 0 to 600, the sum of parts that can be shown one by one.

    200 × chance that its promise breaks within four hours (1 once it is broken)
    150 × money at risk, up to the amount only one order in twenty exceeds
    100   the buyer urged or complained
     75 × share of its time that has passed; where there is no deadline, of a week
     25   it has been here before

Two parts move with the clock, so the score is told when it is read.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from dashboards.reader import Reader

PARTS = {"breach": 200, "value": 150, "urged": 100, "age": 75, "repeat": 25}
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


def _usual_most(reader: Reader) -> tuple[list[str], list[float]]:
    """The amount that one order in twenty exceeds, by currency; the same for a whole build."""
    key = "priority usual_most"
    if key not in reader.snapshot.memo:
        rows = reader.snapshot.rows(
            "select currency_code, quantile_cont(payable_amount, 0.95)::double as most "
            "from marts.fct_orders where currency_code is not null group by currency_code"
        )
        reader.snapshot.memo[key] = ([r["currency_code"] for r in rows], [r["most"] for r in rows])
    return reader.snapshot.memo[key]


def parts_sql(reader: Reader, now: datetime) -> tuple[str, list[Any], str, list[Any]]:
    """Columns `<part>_points` and `priority`, the joins they need on `q`, and their parameters.

    Somebody who may not see money gets no points for it: the score would tell the amount.
    """
    codes, most = _usual_most(reader)
    value = _VALUE if reader.may_read("queue_items", "at_risk_amount") else "0"
    shares = {
        "breach": _BREACH,
        "value": value,
        "urged": "case when q.is_urged then 1 else 0 end",
        "age": _AGE,
        "repeat": "case when q.episode_number > 1 then 1 else 0 end",
    }
    points = {name: f"round({PARTS[name]} * ({share}))" for name, share in shares.items()}
    columns = ", ".join(f"{sql}::integer as {name}_points" for name, sql in points.items())
    joins = (
        "left join (select unnest(?::varchar[]) as currency_code, "
        "unnest(?::double[]) as usual_most) as v on q.currency_code = v.currency_code "
        "left join policies.queues as u on q.queue_code = u.queue_code "
        # Only the parcels that can matter: joining every parcel would cost more than the page.
        "left join (select shipment_id, carrier from marts.fct_shipments where shipment_id in "
        "(select entity_id from marts.queue_items where entity_type = 'shipment' "
        "and due_at > ? and due_at <= ?)) as s "
        "on q.entity_type = 'shipment' and q.entity_id = s.shipment_id "
        "left join marts.agg_breach_rates as f on u.sla_code = f.sla_code "
        "and q.due_at > ? and q.due_at <= ? and f.segment = coalesce(s.carrier, q.channel, '') "
        "and f.weekday = isodow(q.started_at) and f.day_quarter = hour(q.started_at) // 6 "
        "and f.tenth = least(9, greatest(0, floor(10 * epoch(?::timestamp - q.started_at) "
        "/ greatest(60, epoch(q.due_at - q.started_at)))))"
    )
    total = " + ".join(f"{name}_points" for name in PARTS)
    columns = f"{columns}, {total} as priority"
    return columns, [now] * 3, joins, [codes, most, now, now + _SOON, now, now + _SOON, now]


def level(score: int) -> str:
    """`high`, `medium` or `low`."""
    return next(name for name, least in LEVELS if score >= least)
