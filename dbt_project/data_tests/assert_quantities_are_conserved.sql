-- No more is delivered than was shipped, no more cancelled than ordered, and a parcel is never
-- counted twice: the order's shipped pieces are those of its parcels' handovers.
with

handed as (

    select order_id, sum(quantity) as quantity, count(*) as parcel_count,
        count(distinct shipment_id) as shipment_count
    from {{ ref('fct_order_events') }}
    where event_type = 'HANDED_OVER'
    group by order_id

),

final as (

    select orders.order_id
    from {{ ref('fct_orders') }} as orders
    left join handed on orders.order_id = handed.order_id
    where orders.delivered_quantity > orders.shipped_quantity
        or orders.cancelled_quantity > orders.ordered_quantity
        or orders.shipped_quantity <> coalesce(handed.quantity, 0)
        or coalesce(handed.parcel_count, 0) <> coalesce(handed.shipment_count, 0)

)

select * from final
