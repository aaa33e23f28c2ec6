-- The moment-by-moment run of a position ends at the position: same stock, same promises. The run
-- does not know when batches expire.
with

last_moments as (

    select
        *,
        row_number() over (partition by sku, warehouse_id order by point_at desc) as recency_number
    from {{ ref('int_stock__run') }}

),

final as (

    select run.sku, run.warehouse_id
    from last_moments as run
    inner join {{ ref('fct_stock_positions') }} as positions
        on run.sku = positions.sku and run.warehouse_id = positions.warehouse_id
    where run.recency_number = 1
        and (run.on_hand_quantity <> positions.on_hand_quantity
            or run.hard_quantity <> positions.reserved_hard_quantity
            or run.soft_quantity <> positions.reserved_soft_quantity
            or run.atp_quantity <> positions.atp_quantity + positions.expired_quantity)

)

select * from final
