-- A day opens with what the day before closed with, and the last day closes with what is on hand.
with

chained as (

    select
        *,
        lag(closing_quantity) over (
            partition by sku, warehouse_id order by stock_date
        ) as previous_quantity,
        lead(stock_date) over (
            partition by sku, warehouse_id order by stock_date
        ) as next_date
    from {{ ref('fct_stock_daily') }}

),

final as (

    select chained.sku, chained.warehouse_id, chained.stock_date
    from chained
    left join {{ ref('fct_stock_positions') }} as positions
        on chained.sku = positions.sku and chained.warehouse_id = positions.warehouse_id
    where chained.opening_quantity <> coalesce(chained.previous_quantity, 0)
        or chained.opening_quantity + chained.in_quantity - chained.out_quantity
            <> chained.closing_quantity
        or (chained.next_date is null
            and chained.closing_quantity is distinct from positions.on_hand_quantity)

)

select * from final
