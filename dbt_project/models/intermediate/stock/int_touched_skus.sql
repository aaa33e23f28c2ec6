-- depends_on: {{ ref('int_touched_orders') }} {{ ref('stg_stock_movements') }}
-- depends_on: {{ ref('stg_stock_snapshots') }}
{% if is_full() %}
select cast(null as {{ type_text() }}) as sku where false
{% else %}
{{ touched_versions('stock_movements', ['sku']) }}
union
{{ touched_versions('stock_snapshots', ['sku']) }}
union
select sku from {{ source('records', 'order_lines') }}
where {{ visible_records() }}
    and sku is not null
    and order_id in (select order_id from {{ ref('int_touched_orders') }})
{% endif %}
