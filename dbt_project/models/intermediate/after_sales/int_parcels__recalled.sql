{{ config(materialized='ephemeral') }}
-- One row per parcel that was on its way, or left, although all money had gone back. It ends when the
-- parcel turns round or is lost, the goods are back, or money is paid again.
with

-- Spells in which an order's account is empty again.
turns as (

    select
        *,
        over_refunded_amount >= -{{ var('payment_tolerance') }} and refunded_so_far_amount > 0
            as is_empty,
        lag(over_refunded_amount >= -{{ var('payment_tolerance') }} and refunded_so_far_amount > 0)
            over account as was_empty
    from {{ ref('int_refunds__balanced') }}
    window account as (partition by order_id order by occurred_at, event_rank, event_id)

),

changes as (

    select
        *,
        lead(occurred_at) over (
            partition by order_id order by occurred_at, event_rank, event_id
        ) as filled_at
    from turns
    where is_empty <> coalesce(was_empty, false)

),

emptied as (

    select changes.*
    from changes
    left join {{ ref('fct_after_sales_cases') }} as cases on changes.case_id = cases.case_id
    -- A return is judged by its case, and a source that restocks says the goods are there.
    where changes.is_empty
        and coalesce(cases.case_kind, 'refund') in ('refund', 'reship')
        and not (changes.is_restocked and changes.detail_code = 'return')

),

parcels as (

    select
        order_id,
        shipment_id,
        min(case when event_type = 'HANDED_OVER' then occurred_at end) as handed_at,
        min(case when event_type = 'HANDED_OVER' then event_id end) as handed_id,
        min(case when event_type = 'DELIVERED' then occurred_at end) as delivered_at,
        min(case when event_type = 'TRACK_SCAN' and detail_code in ('RETURNING', 'RETURNED', 'LOST')
            then occurred_at end) as turned_at
    from {{ order_log() }}
    where shipment_id is not null
    group by order_id, shipment_id

),

orders as (

    select
        order_id,
        min(case when event_type = 'RETURN_RECEIVED' and coalesce(detail_code, '') <> 'wrong_item'
            then occurred_at end) as goods_back_at,
        -- A channel that closes a trade it paid back does not say that anything arrived.
        min(case when event_type = 'CUSTOMER_REPORTED_NOT_RECEIVED'
            or (event_type = 'ORDER_COMPLETED' and coalesce(detail_code, '') <> 'closed')
            then occurred_at end) as arrived_at
    from {{ order_log() }}
    group by order_id

)

select
    parcels.order_id,
    parcels.shipment_id,
    case when parcels.handed_at > emptied.occurred_at then 'shipped_after_refund'
        else 'refunded_in_transit' end as anomaly,
    greatest(parcels.handed_at, emptied.occurred_at) as opened_at,
    least(parcels.turned_at, orders.goods_back_at, emptied.filled_at) as closed_at,
    emptied.refunded_so_far_amount as amount,
    case when parcels.handed_at > emptied.occurred_at then parcels.handed_id
        else emptied.event_id end as event_id
from parcels
inner join emptied on parcels.order_id = emptied.order_id
inner join orders on parcels.order_id = orders.order_id
where parcels.handed_at is not null
    and (parcels.delivered_at is null or parcels.delivered_at > emptied.occurred_at)
    and (orders.arrived_at is null or orders.arrived_at > emptied.occurred_at)
