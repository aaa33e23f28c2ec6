{{ config(materialized='ephemeral') }}
-- One row per pre-sale whose deposit was paid: the rest has its own day, which the channel tells.
with

deposits as (

    select
        presold.*,
        orders.cancelled_at,
        case when orders.cancelled_at is not null
            then greatest(orders.cancelled_at, presold.deposit_paid_at) end as closed_at
    from {{ ref('int_orders__presold') }} as presold
    inner join {{ ref('int_orders__priced') }} as orders on presold.order_id = orders.order_id
    where presold.deposit_paid_at < presold.rest_due_at
        -- Paid at once there is no rest to wait for.
        and presold.deposit_paid_at < coalesce(presold.whole_paid_at, presold.rest_due_at)

),

events as (

    select
        deposits.order_id,
        min(case when log.occurred_at = deposits.deposit_paid_at then log.event_id end)
            as start_event_id,
        min(case when log.occurred_at = deposits.whole_paid_at then log.event_id end)
            as stop_event_id
    from deposits
    inner join {{ order_log() }} as log on deposits.order_id = log.order_id
    where log.event_type in ('PAYMENT_CAPTURED', 'PAYMENT_AUTHORIZED', 'PAYMENT_TOPUP')
    group by deposits.order_id

),

final as (

    select
        deposits.*,
        events.start_event_id,
        events.stop_event_id,
        whole_paid_at is not null and whole_paid_at <= coalesce(cancelled_at, whole_paid_at)
            as is_whole
    from deposits
    inner join events on deposits.order_id = events.order_id

)

select
    'S01R' as sla_code,
    'order' as entity_type,
    order_id as entity_id,
    cast(1 as bigint) as episode_number,
    order_id,
    cast(null as {{ type_text() }}) as start_detail_code,
    deposit_paid_at as started_at,
    start_event_id,
    case when is_whole then whole_paid_at else closed_at end as ended_at,
    case when is_whole then whole_paid_at end as stopped_at,
    case when is_whole then stop_event_id end as stop_event_id,
    case when not is_whole then closed_at end as cancelled_at,
    cast({{ minutes_between('deposit_paid_at', 'rest_due_at') }} as bigint) as budget_minutes
from final
