{{ config(materialized='ephemeral') }}
-- One row per touched sku and warehouse: what can be promised of it there, sets included.
with

positions as (

    select positions.*, {{ stock_policy('threshold_quantity') }} as threshold_quantity
    from {{ ref('fct_stock_positions') }} as positions
    {{ join_stock_policies('positions') }}
    where {{ touched('positions.sku', 'skus') }}

),

-- A set can be sold as often as its scarcest part allows, in each warehouse.
sets as (

    select kits.kit_sku as sku, positions.warehouse_id,
        min(floor(positions.atp_quantity / kits.component_quantity)) as atp_quantity,
        count(*) as part_count
    from {{ ref('stg_kit_components') }} as kits
    inner join {{ ref('fct_stock_positions') }} as positions on kits.component_sku = positions.sku
    where kits.component_quantity > 0 and {{ touched('kits.kit_sku', 'skus') }}
    group by kits.kit_sku, positions.warehouse_id

),

parts as (

    select kit_sku as sku, count(*) as part_count
    from {{ ref('stg_kit_components') }}
    where component_quantity > 0
    group by kit_sku

),

places as (

    select sku, warehouse_id, atp_quantity, threshold_quantity, false as is_kit
    from positions
    where sku not in (select sku from parts)
    union all
    select sets.sku, sets.warehouse_id, greatest(sets.atp_quantity, 0) as atp_quantity,
        0 as threshold_quantity, true as is_kit
    from sets
    inner join parts on sets.sku = parts.sku and sets.part_count = parts.part_count

)

select * from places
