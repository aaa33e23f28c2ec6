{#- Under one of our own numbers, what counts may turn with the next word about it. -#}
{%- set own = "reference like 'OHS-%'" -%}
{{ config(meta={
    'new_keys': {'movement_id': 'stock_movements'},
    'touched': [{'grain': 'skus', 'where': own}],
}) }}
select
    record_key as movement_id,
    sku,
    warehouse_id,
    lot,
    movement_type,
    quantity,
    moved_at,
    ingested_at,
    order_id,
    reference,
    reason,
    lot_expires_at,
    to_warehouse_id,
    is_counted,
    source,
    shop_id,
    file_id as _file_id,
    row_number as _row_number
from {{ ref('int_stock__moved') }}
{%- if not is_full() %}
where record_key in {{ new_keys('stock_movements') }} or {{ own }}
{%- endif %}
