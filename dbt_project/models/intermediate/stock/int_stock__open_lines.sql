{{ config(materialized='incremental', meta={'touched': 'orders'}) }}
-- One row per line still to be shipped from tracked stock: the hot set, kept between builds.
with

warehouses as (

    select order_id, max(warehouse_id) as warehouse_id
    from {{ order_log() }}
    where warehouse_id is not null
    group by order_id

),

-- A hold of some types gives the goods free for whoever stands behind it in the line.
freed as (

    select distinct holds.order_id
    from {{ ref('int_reviews__held') }} as holds
    inner join {{ ref('hold_types') }} as types on holds.hold_type = types.hold_type
    where types.affects_atp and holds.released_at is null

),

final as (

    select
        lines.line_id,
        lines.order_id,
        lines.line_number,
        lines.sku,
        coalesce(orders.default_warehouse_id, warehouses.warehouse_id) as warehouse_id,
        cast(lines.quantity - lines.shipped_quantity - lines.cancelled_quantity
            as decimal(18, 4)) as open_quantity,
        folded.order_status = 'CONFIRMED' as is_hard,
        cast(1 as bigint) as priority_number,
        coalesce(folded.paid_at, folded.confirmed_at, folded.placed_at) as paid_at
    from {{ ref('int_order_lines__settled') }} as lines
    inner join {{ ref('int_orders__priced') }} as orders on lines.order_id = orders.order_id
    inner join {{ ref('int_orders__folded') }} as folded on lines.order_id = folded.order_id
    left join warehouses on lines.order_id = warehouses.order_id
    left join freed on lines.order_id = freed.order_id
    where orders.is_stock_tracked
        and lines.is_goods
        and lines.sku is not null
        and freed.order_id is null
        and folded.order_status in ('PLACED', 'CONFIRMED')
        and lines.quantity > lines.shipped_quantity + lines.cancelled_quantity
        and coalesce(orders.default_warehouse_id, warehouses.warehouse_id) is not null

)

select * from final
