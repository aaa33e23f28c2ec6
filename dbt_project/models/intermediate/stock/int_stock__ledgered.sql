{{ config(materialized='ephemeral') }}
-- One row per touched sku and warehouse: what the movements say lies there, and in what state.
with

ledger as (

    select
        sku,
        warehouse_id,
        sum({{ stock_change('on_hand') }}) as on_hand_quantity,
        greatest(sum({{ stock_change('damaged') }}), 0) as damaged_quantity,
        greatest(sum({{ stock_change('frozen') }}), 0) as frozen_quantity,
        greatest(sum({{ stock_change('held') }}), 0) as held_quantity,
        max(moved_at) as last_moved_at
    from {{ ref('int_stock__moved') }}
    where is_counted
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
