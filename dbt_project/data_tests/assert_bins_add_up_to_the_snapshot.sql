-- The bins of a position are its snapshot, and those of a batch that batch's; no position without one.
with

bins as (

    select sku, warehouse_id, sum(on_hand_quantity) as bin_quantity,
        max(snapshot_at) as snapshot_at
    from {{ ref('fct_stock_bins') }}
    group by sku, warehouse_id

),

lot_bins as (

    select sku, warehouse_id, coalesce(lot, '') as lot_key, sum(on_hand_quantity) as bin_quantity
    from {{ ref('fct_stock_bins') }}
    group by sku, warehouse_id, coalesce(lot, '')

),

final as (

    select positions.sku, positions.warehouse_id
    from {{ ref('fct_stock_positions') }} as positions
    left join bins
        on positions.sku = bins.sku and positions.warehouse_id = bins.warehouse_id
    where positions.snapshot_quantity is distinct from bins.bin_quantity
        or positions.snapshot_at is distinct from bins.snapshot_at
    union all
    select lots.sku, lots.warehouse_id
    from {{ ref('fct_stock_lots') }} as lots
    left join lot_bins
        on lots.sku = lot_bins.sku and lots.warehouse_id = lot_bins.warehouse_id
        and coalesce(lots.lot, '') = lot_bins.lot_key
    where lots.snapshot_quantity is distinct from lot_bins.bin_quantity

)

select * from final
