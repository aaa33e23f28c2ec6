"""Figures of staff: what somebody handled, how long it took, how often it did not hold.

Work is a decision at a case, a manual review, a decision about after-sales and a complaint that was
resolved. It held unless it was taken back, decided otherwise, or the same thing had to be done
again. What the ledger decided is counted there and not again as the event it became.
"""

from __future__ import annotations

from typing import Any

from dashboards.queries.analysis.asked import Asked, narrowed
from dashboards.reader import Where

COLUMNS = (
    "actor_id", "work_kind", "claim_count", "handled_count", "median_minutes", "p90_minutes",
    "wrong_count", "accuracy_ratio", "score_mean", "score_count", "is_small",
)  # fmt: skip
_AIDS = "('claim', 'release', 'snooze', 'assign', 'escalate', 'undo')"
# What the work is, what begins it, what both are about, and what says that it did not hold.
_DESKS = (
    ("review", ("REVIEW_PASSED", "REVIEW_REJECTED"), ("REVIEW_ENTERED", "ORDER_BLOCKED"),
     "order_id", ("REVIEW_ENTERED", "ORDER_BLOCKED")),
    ("after_sales", ("AS_APPROVED", "AS_REJECTED"), ("AS_REQUESTED",), "case_id",
     ("AS_APPROVED", "AS_REJECTED", "PLATFORM_INTERVENED")),
    ("complaint", ("COMPLAINT_RESOLVED",), ("COMPLAINT_OPENED",), "entity_id",
     ("COMPLAINT_ESCALATED", "COMPLAINT_OPENED")),
)  # fmt: skip


def _decisions(asked: Asked) -> tuple[str, list[Any]]:
    asked.needs("fct_decisions", "decision_id", "verb", "decided_at", "item_id", "actor_id")
    day = asked.day("decided_at")
    period = asked.wanted.period
    where = Where().also(f"{day} between ? and ?", period.first, period.last)
    if asked.wanted.channels or asked.wanted.shops:
        orders = narrowed(Where(), asked.wanted)
        where = where.also(
            f"order_id in (select orders.order_id from marts.fct_orders as orders "  # noqa: S608
            f"where {orders.sql})",
            *orders.params,
        )
    where = asked.reader.scope("fct_decisions", where)
    days = int(asked.limit("reopened_days"))
    # What somebody may do is looked at anew each month, so that such a case comes back is no fault.
    sql = f"""
        select steps.actor_id, 'decision' as work_kind, steps.verb = 'claim' as is_claim,
            case when steps.verb <> 'claim' then date_diff('second', (
                select max(claims.decided_at) from marts.fct_decisions as claims
                where claims.item_id = steps.item_id and claims.verb = 'claim'
                    and claims.actor_id = steps.actor_id and claims.decided_at <= steps.decided_at
            ), steps.decided_at) / 60.0 end as minutes,
            exists (
                select 1 from marts.fct_decisions as undone
                where undone.undoes_decision_id = steps.decision_id
            ) or exists (
                select 1 from marts.queue_items as mine
                inner join marts.queue_items as again on again.queue_code = mine.queue_code
                    and again.entity_type = mine.entity_type and again.entity_id = mine.entity_id
                    and again.episode_number > mine.episode_number
                where mine.item_id = steps.item_id and mine.entity_type <> 'account'
                    and again.opened_at >= steps.decided_at
                    and again.opened_at < steps.decided_at + interval {days} day
            ) as is_wrong,
            null::decimal(18, 4) as score
        from (select * from marts.fct_decisions where {where.sql}) as steps
        where steps.verb = 'claim' or steps.verb not in {_AIDS}
    """  # noqa: S608  constants and bound values
    return sql, list(where.params)


def _desk(
    asked: Asked,
    kind: str,
    done: tuple[str, ...],
    begun: tuple[str, ...],
    key: str,
    again: tuple[str, ...],
) -> tuple[str, list[Any]]:
    asked.needs("fct_order_events", "event_type", "actor_id", "occurred_at", key)
    where = asked.where("fct_order_events", asked.day("occurred_at"))
    # Said the same once more changes nothing; another answer, or a new beginning, does.
    sql = f"""
        select works.actor_id, '{kind}' as work_kind, false as is_claim,
            date_diff('second', (
                select max(starts.occurred_at) from marts.fct_order_events as starts
                where starts.order_id = works.order_id and starts.{key} = works.{key}
                    and starts.event_type in {_listed(begun)}
                    and starts.occurred_at <= works.occurred_at
            ), works.occurred_at) / 60.0 as minutes,
            exists (
                select 1 from marts.fct_order_events as later
                where later.order_id = works.order_id and later.{key} = works.{key}
                    and later.event_type in {_listed(again)}
                    and later.event_type <> works.event_type
                    and later.occurred_at > works.occurred_at
            ) as is_wrong,
            (
                select avg(scores.quantity) from marts.fct_order_events as scores
                where '{kind}' = 'complaint' and scores.event_type = 'SATISFACTION_SCORED'
                    and scores.order_id = works.order_id and scores.{key} = works.{key}
            ) as score
        from (
            select * from marts.fct_order_events where {where.sql}
                and event_type in {_listed(done)} and actor_id is not null
                and coalesce(actor_type, 'staff') = 'staff' and source <> 'ledger'
        ) as works
    """  # noqa: S608  constants and bound values
    return sql, list(where.params)


def _listed(codes: tuple[str, ...]) -> str:
    return "(" + ", ".join(f"'{code}'" for code in codes) + ")"


def staff(asked: Asked) -> list[dict[str, Any]]:
    """One row a person and kind of work, the busiest first."""
    parts = [_decisions(asked), *(_desk(asked, *desk) for desk in _DESKS)]
    union = " union all ".join(sql for sql, _ in parts)
    sql = f"""
        with works as ({union})
        select actor_id, work_kind, count(*) filter (where is_claim) as claim_count,
            count(*) filter (where not is_claim) as handled_count,
            quantile_cont(minutes, 0.5) as median_minutes,
            quantile_cont(minutes, 0.9) as p90_minutes,
            count(*) filter (where is_wrong and not is_claim) as wrong_count,
            1 - count(*) filter (where is_wrong and not is_claim)
                / nullif(count(*) filter (where not is_claim), 0) as accuracy_ratio,
            avg(score) as score_mean, count(score) as score_count,
            count(*) filter (where not is_claim) < {asked.limit("small_group_count")} as is_small
        from works where actor_id is not null group by actor_id, work_kind
        order by handled_count desc, actor_id, work_kind
    """  # noqa: S608  constants and bound values
    return asked.rows(sql, [param for _, params in parts for param in params])
