-- What lies in a house is sellable, damaged, frozen, held or expired, and nothing else; batches add
-- up to the position; more than is sellable is promised only where the position says so; what is
-- promised is open on a line; and what left on a transfer has arrived or is under way.
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

transfers as (

    select
        'transfer|' || reference || '|' || sku as inbound_id,
        sku,
        max(to_warehouse_id) as warehouse_id,
        sum(quantity) as net_quantity
    from {{ ref('fct_stock_movements') }}
    where movement_type in ('transfer_out', 'transfer_in') and reference is not null and is_counted
    group by reference, sku

),

under_way as (

    select * from {{ ref('fct_stock_inbound') }}
    where inbound_type = 'transfer'

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
    -- More may arrive than left, by a fault of the count; the other way about it is under way.
    select
        coalesce(transfers.sku, under_way.sku) as sku,
        coalesce(transfers.warehouse_id, under_way.warehouse_id) as warehouse_id
    from transfers
    full outer join under_way on transfers.inbound_id = under_way.inbound_id
    where (transfers.warehouse_id is not null or under_way.inbound_id is not null)
        and least(coalesce(transfers.net_quantity, 0), 0) + coalesce(under_way.quantity, 0) <> 0

)

select * from final
