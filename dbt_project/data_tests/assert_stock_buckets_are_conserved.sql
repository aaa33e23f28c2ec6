-- What lies in a house is sellable, damaged, frozen, held or expired, and nothing else; batches add
-- up to the position; more than is sellable is promised only where the position says so; and what is
-- promised is open on a line.
with

lots as (

    select sku, warehouse_id, sum(on_hand_quantity) as on_hand_quantity
    from {{ ref('fct_stock_lots') }}
    group by sku, warehouse_id

),

promised as (

    select sku, warehouse_id,
        sum(case when reservation_type = 'hard' then open_quantity end) as hard_quantity,
        sum(case when reservation_type = 'soft' then open_quantity end) as soft_quantity
    from {{ ref('fct_stock_reservations') }}
    where is_active
    group by sku, warehouse_id

),

final as (

    select positions.sku, positions.warehouse_id
    from {{ ref('fct_stock_positions') }} as positions
    left join lots
        on positions.sku = lots.sku and positions.warehouse_id = lots.warehouse_id
    left join promised
        on positions.sku = promised.sku and positions.warehouse_id = promised.warehouse_id
    where positions.on_hand_quantity <> positions.sellable_quantity + positions.damaged_quantity
            + positions.frozen_quantity + positions.held_quantity + positions.expired_quantity
        or positions.on_hand_quantity <> coalesce(lots.on_hand_quantity, 0)
        or positions.reserved_hard_quantity <> coalesce(promised.hard_quantity, 0)
        or positions.reserved_soft_quantity <> coalesce(promised.soft_quantity, 0)
        or (positions.reserved_hard_quantity > positions.on_hand_quantity
            and positions.oversold_quantity = 0)
    union all
    select sku, warehouse_id
    from {{ ref('fct_stock_reservations') }}
    where is_active and open_quantity <= 0
    union all
    -- A transfer whose goods have all arrived has moved nothing in sum.
    select sku, warehouse_id
    from {{ ref('fct_stock_inbound') }}
    where inbound_type = 'transfer' and quantity <= 0

)

select * from final
