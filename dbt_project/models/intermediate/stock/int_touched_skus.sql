-- depends_on: {{ ref('int_touched_orders') }} {{ ref('stg_stock_movements') }}
-- depends_on: {{ ref('stg_stock_snapshots') }} {{ ref('stg_purchase_orders') }}
-- depends_on: {{ ref('stg_channel_stock') }} {{ ref('stg_products') }} {{ ref('stg_stock_counts') }}
-- depends_on: {{ ref('stg_kit_components') }} {{ ref('stg_decisions') }}
{% if is_full() %}
select cast(null as {{ type_text() }}) as sku where false
{% else %}
with

stated as (

    {% for stream in [
        'stock_movements', 'stock_snapshots', 'purchase_orders', 'channel_stock', 'stock_counts',
        'products'] -%}
    {{ touched_versions(stream, ['sku']) }}
    union
    {% endfor -%}
    select kit_sku as sku from {{ source('records', 'kit_components') }} where {{ new_records() }}
    union
    select component_sku as sku from {{ source('records', 'kit_components') }}
    where {{ new_records() }}
    union
    select sku from {{ source('records', 'stock_counts') }}
    where {{ visible_records() }} and count_line_id in (
        select entity_id from {{ source('records', 'decisions') }}
        where {{ new_records() }} and entity_type = 'count'
    )
    union
    -- The level of a place, `sku@warehouse`, was changed.
    select substr(entity_id, 1, length(entity_id) - position('@' in reverse(entity_id))) as sku
    from {{ source('records', 'decisions') }}
    where {{ new_records() }} and entity_type = 'stock' and verb in ('change_threshold', 'undo')
    union
    select sku from {{ source('records', 'order_lines') }}
    where {{ visible_records() }}
        and sku is not null
        and order_id in (select order_id from {{ ref('int_touched_orders') }})

),

-- What a shop's code was said to stand for moves with it.
meant as (

    select sku from stated
    union
    select sku from {{ mapped_skus() }} as mapped where shop_sku in (select sku from stated)
    union
    select sku from {{ ref('stg_order_lines') }}
    where sku is not null and order_id in (select order_id from {{ ref('int_touched_orders') }})

),

-- A set and its parts move together: what is sold of one is gone for the others.
parts as (

    select sku from meant
    union
    select kits.component_sku as sku
    from {{ source('records', 'kit_components') }} as kits
    where kits.{{ visible_records() }} and kits.kit_sku in (select sku from meant)

)

select sku from parts
union
select kits.kit_sku as sku
from {{ source('records', 'kit_components') }} as kits
where kits.{{ visible_records() }} and kits.component_sku in (select sku from parts)
{% endif %}
