-- One row per touched order: its accumulators and milestones over the whole log.
with

{{ parcel_steps(order_log()) }},

marked as (

    select
        order_id,
        event_type,
        detail_code,
        occurred_at,
        {{ event_marks() }}
    from {{ order_log() }}
    left join parcel_steps on event_id = step_event_id

),

folded as (

    select
        order_id,
        {%- for name, aggregate, own in state_accumulators() %}
        coalesce({{ aggregate }}, 0) as {{ name }},
        {%- endfor %}
        min(case when event_type in ('PAYMENT_CAPTURED', 'COD_COLLECTED') then occurred_at end)
            as paid_at,
        max(case when event_type in ('PAYMENT_CAPTURED', 'PAYMENT_TOPUP', 'COD_COLLECTED')
            then occurred_at end) as last_paid_at,
        count(*) filter (
            where event_type in ('PAYMENT_CAPTURED', 'PAYMENT_TOPUP', 'COD_COLLECTED')
        ) as capture_count,
        min(case when event_type = 'ORDER_CONFIRMED' then occurred_at end) as confirmed_at,
        min(case when event_type = 'HANDED_OVER' then occurred_at end) as shipped_at,
        max(case when event_type = 'DELIVERED' then occurred_at end) as last_delivered_at,
        min(case when event_type = 'ORDER_COMPLETED' then occurred_at end) as completed_at,
        min(case when event_type in ('ORDER_CANCELLED', 'ORDER_EXPIRED_UNPAID')
            then occurred_at end) as cancelled_at,
        count(*) filter (where event_type = 'HANDED_OVER') as shipment_count,
        count(*) filter (where event_type in ('ORDER_EDITED', 'ORDER_ADDRESS_CHANGED'))
            as edit_count,
        max(occurred_at) as last_event_at,
        count(*) as event_count
    from marked
    group by order_id

),

stated as (

    select
        folded.*,
        orders.channel,
        orders.shop_id,
        orders.placed_at,
        coalesce(orders.owed_amount, 0) as payable_amount,
        orders.ordered_quantity
    from folded
    inner join {{ ref('int_orders__priced') }} as orders on folded.order_id = orders.order_id

),

final as (

    select
        stated.*,
        {{ status_columns() }}
    from stated

)

select * from final
