{{ config(materialized='ephemeral') }}
-- One row per span in which an order may not go on: a person or finance has to decide, it is held,
-- blocked or refused.
with

verdicts as (

    select order_id, event_at as decided_at, event_known_at as known_at,
        case when event_code = 'review_rejected' then 'reject'
            when reason = 'finance' then 'finance' else 'pass' end as verdict
    from {{ ref('stg_fulfilment_events') }}
    where event_code in ('review_passed', 'review_rejected') and {{ touched('order_id') }}
    union all
    select order_id, decided_at, decided_known_at as known_at,
        case verb when 'review_reject' then 'reject' when 'finance_pass' then 'finance'
            when 'finance_return' then 'return' else 'pass' end as verdict
    from {{ ref('int_decisions__kept') }}
    where verb in ('review_pass', 'allow_once', 'review_reject', 'finance_pass', 'finance_return')
        and not is_undone

),

-- A trusted buyer's order needs no look where nothing but its size or wording stood out.
trusted as (

    select order_id
    from {{ ref('int_reviews__evaluated') }}
    group by order_id
    having bool_or(effect = 'pass') and not bool_or(effect in ('block', 'finance'))

),

demands as (

    select
        hits.order_id,
        case hits.effect when 'manual' then 'manual' else hits.effect end as kind,
        case hits.effect when 'finance' then 'finance' else 'pass' end as ended_by_verdict,
        min(hits.hit_at) as from_at,
        min(hits.known_at) as from_known_at,
        false as is_of_verdict
    from {{ ref('int_reviews__evaluated') }} as hits
    where hits.effect in ('manual', 'finance', 'block')
        and hits.order_id not in (select order_id from trusted)
    group by hits.order_id, hits.effect
    union all
    select order_id, case verdict when 'reject' then 'reject' else 'manual' end as kind,
        'pass' as ended_by_verdict, decided_at as from_at, known_at as from_known_at,
        true as is_of_verdict
    from verdicts
    where verdict in ('reject', 'return')

),

ended as (

    select
        demands.order_id,
        demands.kind,
        demands.from_at,
        demands.from_known_at,
        min(verdicts.decided_at) as to_at,
        {{ first_by('verdicts.known_at', ['verdicts.decided_at', 'verdicts.known_at']) }}
            as to_known_at
    from demands
    left join verdicts
        on demands.order_id = verdicts.order_id
        and demands.ended_by_verdict = verdicts.verdict
        -- A verdict given before the money came counts.
        and (not demands.is_of_verdict or verdicts.decided_at > demands.from_at)
    group by demands.order_id, demands.kind, demands.from_at, demands.from_known_at

)

select * from ended
where to_at is null or to_at > from_at
union all
select order_id, 'hold' as kind, applied_at as from_at, known_at as from_known_at,
    case when ended_by <> 'over' then released_at end as to_at,
    case when ended_by <> 'over' then released_known_at end as to_known_at
from {{ ref('int_reviews__held') }}
