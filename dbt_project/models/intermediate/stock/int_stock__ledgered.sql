{{ config(materialized='ephemeral') }}
-- One row per touched sku and warehouse: what the movements say lies there, and in what state.
with

ledger as (

    select
        sku,
        warehouse_id,
        sum(case when movement_type not in {{ hold_types() }} then quantity else 0 end)
            as on_hand_quantity,
        greatest(sum(case
            when movement_type in ('return_damaged', 'scrap') then quantity else 0
        end), 0) as damaged_quantity,
        greatest(sum(case movement_type
            when 'freeze' then abs(quantity) when 'unfreeze' then -abs(quantity) else 0
        end), 0) as frozen_quantity,
        greatest(sum(case movement_type
            when 'qc_hold' then abs(quantity) when 'qc_release' then -abs(quantity) else 0
        end), 0) as held_quantity,
        max(moved_at) as last_moved_at
    from {{ ref('stg_stock_movements') }}
    where {{ touched('sku', 'skus') }}
    group by sku, warehouse_id

),

-- What of an expired batch is not already counted as damaged, frozen or held.
expired as (

    select sku, warehouse_id, sum(greatest(on_hand_quantity - damaged_quantity - frozen_quantity
        - held_quantity, 0)) as expired_quantity
    from {{ ref('fct_stock_lots') }}
    where is_expired and {{ touched('sku', 'skus') }}
    group by sku, warehouse_id

)

select ledger.*, expired.expired_quantity
from ledger
left join expired
    on ledger.sku = expired.sku and ledger.warehouse_id = expired.warehouse_id
