{{ config(materialized='ephemeral') }}
-- One row per line of the touched orders: whether its code is one of ours, and since when it is. A
-- list of products that was itself imported after the orders keeps none of them waiting.
with

lists as (

    select min(sku_stated_at) as known_at from {{ ref('stg_products') }}

)

select
    lines.*,
    lists.known_at is not null and lines.sku is not null and known.sku is null as is_code_unknown,
    greatest(
        coalesce(lines.mapped_at, lines.sku_stated_at),
        case when lists.known_at <= lines.first_stated_at then known.known_at end
    ) as code_stated_at
from {{ ref('stg_order_lines') }} as lines
cross join lists
left join {{ ref('int_skus__known') }} as known on lines.sku = known.sku
where {{ touched('lines.order_id') }}
