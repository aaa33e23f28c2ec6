{{ config(materialized='ephemeral') }}
-- One row per code the house sells goods by, alone or as a set, with since when that is known.
with

stated as (

    select sku, sku_stated_at as known_at from {{ ref('stg_products') }}
    union all
    select kit_sku as sku, kit_sku_stated_at as known_at from {{ ref('stg_kit_components') }}

)

select sku, min(known_at) as known_at
from stated
where sku is not null
group by sku
