{{ config(materialized='ephemeral') }}
-- RC11: pieces ordered of the lines suppliers ship against the pieces they say they shipped. What is
-- counted is goods: the amounts are pieces, in no currency.
with

lines as (

    select order_id, line_id as line_key, quantity - cancelled_quantity as quantity
    from {{ ref('fct_order_lines') }}
    where {{ touched('order_id') }}
    union all
    select order_id, sku as line_key, sum(quantity - cancelled_quantity) as quantity
    from {{ ref('fct_order_lines') }}
    where sku is not null and {{ touched('order_id') }}
    group by order_id, sku

),

told as (

    select
        told.*,
        orders.channel,
        orders.shop_id as order_shop_id,
        coalesce(lines.quantity, told.quantity) as open_quantity
    from {{ ref('int_supplies__told') }} as told
    left join {{ ref('fct_orders') }} as orders on told.order_id = orders.order_id
    left join lines on told.order_id = lines.order_id and told.line_key = lines.line_key
    where not told.is_switched

)

select
    {{ recon_side('RC11', 'left', {
        'item_id': "order_id || '|' || line_key || ':ordered'",
        'match_key': "order_id || '|' || line_key", 'currency_code': 'null',
        'amount': 'open_quantity', 'item_at': 'told_at', 'order_id': 'order_id',
        'channel': 'channel', 'shop_id': 'coalesce(order_shop_id, shop_id)',
        'party': 'supplier_id', 'is_due': 'false'}) }}
from told
where open_quantity > 0
union all
select
    {{ recon_side('RC11', 'right', {
        'item_id': 'record_key', 'match_key': "order_id || '|' || line_key",
        'currency_code': 'null', 'amount': 'shipped_quantity', 'item_at': 'event_at',
        'order_id': 'order_id', 'shop_id': 'shop_id', 'party': 'supplier_id'}) }}
from {{ ref('int_supplies__shipped') }}
