{{ config(meta={'touched': 'skus'}) }}
with

snapshots as (

    select *, max(taken_at) over (partition by sku, warehouse_id) as last_taken_at
    from {{ ref('int_stock__snapshots') }}

),

-- Only the last count of a place: a bin it does not name is empty by now.
final as (

    select
        sku || '@' || warehouse_id || '#' || coalesce(lot, '') || '/' || coalesce(bin_id, '')
            as stock_bin_id,
        sku,
        warehouse_id,
        lot,
        bin_id,
        cast(sum(on_hand_quantity) as decimal(18, 4)) as on_hand_quantity,
        cast(sum(coalesce(damaged_quantity, 0)) as decimal(18, 4)) as damaged_quantity,
        cast(sum(coalesce(frozen_quantity, 0)) as decimal(18, 4)) as frozen_quantity,
        max(taken_at) as snapshot_at
    from snapshots
    where taken_at = last_taken_at
    group by sku, warehouse_id, lot, bin_id

)

select * from final
