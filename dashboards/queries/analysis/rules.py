"""How good the rules of review are: what they hit, what it came to, and what the wait cost.

An order is judged when its outcome is known: it has gone through review and is old enough
(`outcome_ripe_days`). What proves a rule right is a row of `policies.review_outcomes`. An order
that still waits or is blocked has no outcome, so it counts neither way.
"""

from __future__ import annotations

from typing import Any

from dashboards.queries.analysis.asked import Asked
from dashboards.reader import Where

COLUMNS = (
    "rule_code", "rule_version", "hit_count", "judged_count", "proven_count", "precision_ratio",
    "recall_ratio", "held_count", "false_hold_ratio", "median_minutes", "delay_minutes",
    "held_amount", "currency_code", "is_small",
)  # fmt: skip
ORDER_COLUMNS = (
    "order_id", "channel", "shop_id", "effect", "hit_at", "review_status", "delay_minutes",
    "outcome_codes", "payable_amount", "currency_code",
)  # fmt: skip


def _hits(asked: Asked) -> tuple[str, list[Any]]:
    """`chosen` orders, `bad` outcomes by rule, `judged` orders and `hits` with their wait."""
    asked.needs("fct_orders", "order_id", "review_status", "placed_date", "currency_code")
    asked.needs("fct_review_hits", "order_id", "rule_code", "rule_version", "effect", "hit_at")
    asked.needs("fct_order_events", "order_id", "event_type", "detail_code", "occurred_at")
    where = asked.where("fct_orders", "placed_date")
    has_money = asked.reader.may_read("fct_orders", "payable_amount")
    payable = "payable_amount" if has_money else "null::decimal(18, 4)"
    ripe = int(asked.limit("outcome_ripe_days"))
    sql = f"""
        with chosen as (
            select order_id, channel, shop_id, placed_at, review_status, edit_count,
                {payable} as payable_amount,
                coalesce(currency_code, '') as currency_code
            from marts.fct_orders where {where.sql}
        ),
        rules as (select distinct rule_code from policies.review_rules),
        proofs as (
            select rules.rule_code, outcomes.outcome_code, outcomes.event_type, outcomes.detail_code
            from rules
            inner join policies.review_outcomes as outcomes
                on outcomes.rule_code = rules.rule_code
                or (outcomes.rule_code = '*' and rules.rule_code not in (
                    select own.rule_code from policies.review_outcomes as own))
        ),
        bad as (
            select distinct proofs.rule_code, proofs.outcome_code, events.order_id
            from marts.fct_order_events as events
            inner join chosen on events.order_id = chosen.order_id
            inner join proofs on events.event_type = proofs.event_type
                and (proofs.detail_code = '*'
                    or events.detail_code = proofs.detail_code)
        ),
        judged as (
            select order_id from chosen
            where review_status in ('AUTO_PASSED', 'PASSED', 'REJECTED')
                and placed_at <= ?::timestamp - interval {ripe} day
        ),
        waits as (
            select entered.order_id, min(entered.occurred_at) as entered_at,
                max(ended.occurred_at) as ended_at
            from marts.fct_order_events as entered
            inner join chosen on entered.order_id = chosen.order_id
            left join marts.fct_order_events as ended
                on ended.order_id = entered.order_id
                and ended.event_type in ('REVIEW_PASSED', 'REVIEW_REJECTED')
                and ended.occurred_at >= entered.occurred_at
            where entered.event_type in ('REVIEW_ENTERED', 'ORDER_BLOCKED')
            group by entered.order_id
        ),
        hits as (
            select found.order_id, found.rule_code, found.rule_version, found.effect, found.hit_at,
                chosen.channel, chosen.shop_id, chosen.payable_amount, chosen.currency_code,
                chosen.review_status,
                found.effect <> 'pass' as is_held,
                chosen.review_status in ('PASSED', 'REJECTED') as is_decided,
                chosen.review_status = 'PASSED' and chosen.edit_count = 0 as is_unchanged,
                judged.order_id is not null as is_judged,
                exists (select 1 from bad where bad.rule_code = found.rule_code
                    and bad.order_id = found.order_id) as is_right,
                case when found.effect <> 'pass' then date_diff('second', waits.entered_at,
                    coalesce(waits.ended_at, ?::timestamp)) / 60.0 end as delay_minutes
            from marts.fct_review_hits as found
            inner join chosen on found.order_id = chosen.order_id
            left join judged on found.order_id = judged.order_id
            left join waits on found.order_id = waits.order_id
        )
    """  # noqa: S608  constants and bound values
    return sql, [*where.params, asked.as_of, asked.as_of]


def rules(asked: Asked) -> list[dict[str, Any]]:
    """One row a rule and version that hit something, the one that holds up the most first.

    Orders hit by several rules count for each of them. `recall_ratio` is of all judged orders with
    such an outcome, hit or not. Held amounts are of the currency asked for.
    """
    hits, params = _hits(asked)
    sql = f"""
        {hits},
        missed as (
            select bad.rule_code, count(distinct bad.order_id) as bad_count
            from bad inner join judged on bad.order_id = judged.order_id group by bad.rule_code
        )
        select hits.rule_code, hits.rule_version, count(*) as hit_count,
            count(*) filter (where is_judged and is_provable) as judged_count,
            count(*) filter (where is_judged and is_right) as proven_count,
            count(*) filter (where is_judged and is_right)
                / nullif(count(*) filter (where is_judged and is_provable), 0) as precision_ratio,
            count(*) filter (where is_judged and is_right)
                / nullif(any_value(missed.bad_count), 0) as recall_ratio,
            count(*) filter (where is_held) as held_count,
            count(*) filter (where is_held and is_decided and is_unchanged and not is_right)
                / nullif(count(*) filter (where is_held and is_decided), 0) as false_hold_ratio,
            quantile_cont(delay_minutes, 0.5) as median_minutes,
            sum(delay_minutes) as delay_minutes,
            sum(payable_amount) filter (where is_held and currency_code = ?) as held_amount,
            ? as currency_code,
            count(*) < {asked.limit("small_group_count")} as is_small
        from hits
        left join missed on hits.rule_code = missed.rule_code
        inner join (
            select rule_code, max(outcome_code <> 'none') as is_provable from proofs
            group by rule_code
        ) as provable on hits.rule_code = provable.rule_code
        group by hits.rule_code, hits.rule_version
        order by delay_minutes desc nulls last, hits.rule_code, hits.rule_version
    """  # noqa: S608  constants and bound values
    return asked.rows(sql, [*params, asked.wanted.currency, asked.wanted.currency])


def orders(
    asked: Asked, rule_code: str, rule_version: int, *, limit: int, offset: int = 0
) -> list[dict[str, Any]]:
    """The orders a rule hit, with what became of them."""
    hits, params = _hits(asked)
    where = Where().also("rule_code = ? and rule_version = ?", rule_code, rule_version)
    sql = f"""
        {hits}
        select hits.*, (
            select string_agg(bad.outcome_code, ' ' order by bad.outcome_code) from bad
            where bad.rule_code = hits.rule_code and bad.order_id = hits.order_id
        ) as outcome_codes
        from hits where {where.sql} order by hit_at desc, order_id limit ? offset ?
    """  # noqa: S608  constants and bound values
    return asked.rows(sql, [*params, *where.params, limit, offset])
