{{ config(materialized='ephemeral') }}
-- One row per line of an order that a supplier ships in place of the house.
select
    lines.line_id,
    min(told.told_at) as told_at,
    min(told.told_known_at) as told_known_at
from {{ ref('int_supplies__told') }} as told
inner join {{ ref('stg_order_lines') }} as lines
    on told.order_id = lines.order_id and told.line_key in (lines.line_id, lines.sku)
where not told.is_switched
group by lines.line_id
