{{ config(materialized='ephemeral') }}
-- When a case was settled, whatever its cause does: the last time somebody did, the refund it asked for
-- was paid, or the money it asked back had come in; unless that was taken back, or the case taken up
-- again.
with

kept as (

    select decisions.*, effects.effect_code
    from {{ ref('stg_decisions') }} as decisions
    inner join {{ ref('decision_effects') }} as effects on decisions.verb = effects.verb
    where decisions.item_id is not null and decisions.decision_id not in (
        select undoes_decision_id from {{ ref('stg_decisions') }}
        where undoes_decision_id is not null
    )

),

-- Payments of the order since the money was asked back, added up as they came.
returned as (

    select
        kept.item_id,
        kept.amount as asked_amount,
        events.occurred_at,
        sum(events.amount) over (
            partition by kept.decision_id order by events.occurred_at, events.event_id
            rows between unbounded preceding and current row
        ) as returned_amount
    from kept
    inner join {{ order_log() }} as events
        on kept.order_id = events.order_id
        and events.event_type in ('PAYMENT_CAPTURED', 'PAYMENT_TOPUP', 'COD_COLLECTED')
        and events.occurred_at >= kept.decided_at
    where kept.verb = 'recover_money' and kept.amount is not null

),

ends as (

    select item_id, effect_code, decided_at as ended_at
    from kept
    where effect_code in ('settle', 'reopen')
    union all
    select
        kept.item_id,
        'settle' as effect_code,
        greatest(kept.decided_at, refunds.succeeded_at) as ended_at
    from kept
    inner join {{ ref('fct_refunds') }} as refunds
        on kept.request_number = refunds.request_number
    where refunds.refund_status = 'succeeded'
    union all
    select item_id, 'settle' as effect_code, min(occurred_at) as ended_at
    from returned
    where returned_amount >= asked_amount - {{ var('payment_tolerance') }}
    group by item_id

),

steps as (

    select
        item_id,
        max(case when effect_code = 'settle' then ended_at end) as settled_at,
        max(case when effect_code = 'reopen' then ended_at end) as reopened_at
    from ends
    group by item_id

)

select item_id, settled_at
from steps
where settled_at is not null and (reopened_at is null or settled_at > reopened_at)
