{{ config(materialized='ephemeral') }}
-- When orders ended, if they did: confirmed or completed, or closed by the channel once what it had
-- sent was paid back. Exports often do not say when that was: not before the money went.
with

paid_back as (

    select order_id, max(refunded_at) as last_refunded_at
    from {{ ref('stg_refunds') }}
    where {{ touched('order_id') }} and refund_status = 'succeeded'
    group by order_id

)

select
    orders.order_id,
    orders.completed_at is null as is_closed,
    coalesce(
        orders.completed_at,
        greatest(orders.closed_at, timed.refunded_at, paid_back.last_refunded_at)
    ) as ended_at,
    coalesce(orders.completed_known_at, orders.closed_known_at) as ended_known_at
from {{ ref('stg_orders') }} as orders
left join {{ ref('int_refunds__timed') }} as timed on orders.order_id = timed.order_id
left join paid_back on orders.order_id = paid_back.order_id
where {{ touched('orders.order_id') }}
    and (orders.completed_at is not null or orders.closed_at is not null)
