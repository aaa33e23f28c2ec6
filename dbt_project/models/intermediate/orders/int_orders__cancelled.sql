{{ config(materialized='ephemeral') }}
-- What a shop cancels itself, for want of goods or of trust, says nothing of its buyer.
select
    orders.order_id,
    reasons.cause_code as cancel_cause,
    reasons.actor_type as cancelled_by,
    case when coalesce(reasons.actor_type, '') <> 'staff' then orders.cancelled_at end as given_up_at
from {{ ref('stg_orders') }} as orders
left join {{ ref('cancel_reasons') }} as reasons
    on orders.channel = reasons.channel and lower(orders.cancel_reason) = reasons.reason_raw
where orders.cancelled_at is not null
