{{ config(materialized='ephemeral') }}
-- The buyer is on a list, shares an address or phone with many accounts, or scores high, and nobody
-- has decided yet.
with

risky as (

    select *
    from {{ ref('int_reviews__explained') }}
    where is_listed or is_linked or risk_score >= {{ threshold('risk_score_limit') }}

),

decided as (

    select
        events.order_id,
        min(events.occurred_at) as decided_at
    from {{ order_log() }} as events
    inner join risky on events.order_id = risky.order_id and events.occurred_at >= risky.hit_at
    where events.event_type in (
            'REVIEW_REJECTED', 'ORDER_CANCELLED', 'ORDER_EXPIRED_UNPAID', 'HANDED_OVER'
        )
        or (events.event_type = 'REVIEW_PASSED' and events.actor_type = 'staff'
            and coalesce(events.detail_code, '') not in ('finance', 'finance_pass'))
    group by events.order_id

)

select
    {{ condition('Q10', {
        'entity_id': 'risky.order_id', 'order_id': 'risky.order_id', 'channel': 'orders.channel',
        'shop_id': 'orders.shop_id', 'opened_at': 'risky.hit_at',
        'closed_at': 'decided.decided_at', 'at_risk_amount': 'orders.owed_amount',
        'currency_code': 'orders.order_currency_code', 'facts': 'risky.facts'}) }}
from risky
inner join {{ ref('int_orders__priced') }} as orders on risky.order_id = orders.order_id
left join decided on risky.order_id = decided.order_id
