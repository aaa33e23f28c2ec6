{{ config(materialized='ephemeral') }}
-- RC13: pieces the sources say they hold for an order line against the pieces the line still needs.
-- Of orders no source ever held anything for, nothing can be said.
with

reservations as (

    select
        *,
        line_id || '/' || sku as line_key,
        not _is_released and (ended_at is null or orphaned_at is not null) as is_stated_held
    from {{ ref('fct_stock_reservations') }}
    where stated_at is not null and {{ touched('order_id') }}

)

select
    {{ recon_side('RC13', 'left', {
        'item_id': "line_key || ':held'", 'match_key': 'line_key',
        'amount': 'case when orphaned_at is null then open_quantity else quantity end',
        'item_at': 'stated_at', 'order_id': 'order_id', 'channel': 'channel',
        'shop_id': 'shop_id', 'party': 'warehouse_id'}) }}
from reservations
where is_stated_held
union all
select
    {{ recon_side('RC13', 'right', {
        'item_id': "line_key || ':open'", 'match_key': 'line_key', 'amount': 'open_quantity',
        'item_at': 'coalesce(hardened_at, reserved_at)', 'order_id': 'order_id',
        'channel': 'channel', 'shop_id': 'shop_id', 'party': 'warehouse_id'}) }}
from reservations
where is_active and open_quantity > 0
