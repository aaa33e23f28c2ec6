{{ config(materialized='ephemeral') }}
-- RC7, RC7D: what an order says against what its marketplace settled, by article and component; and
-- what of its discounts the house bears against what it was charged for. Fees have no other side
-- here, refunds are RC7R. An order is settled some days after it left: suspense_days. What is settled
-- for an order that nobody has sent has no key on our side; the order is a case of its own
-- (recon_routes).
{%- set components = [
    ('RC7', 'goods', 'line_amount + discount_amount'),
    ('RC7', 'shipping', 'shipping_amount'),
    ('RC7', 'tax', 'tax_amount'),
    ('RC7D', 'merchant_discount', 'coalesce(platform_discount_amount, 0)
        + coalesce(influencer_discount_amount, 0) - discount_amount'),
] %}
with

orders as (

    select
        priced.order_id,
        priced.channel,
        priced.shop_id,
        priced.order_currency_code,
        priced.placed_at,
        greatest(priced.placed_known_at, priced.lines_stated_at) as known_at
    from {{ ref('int_orders__priced') }} as priced
    inner join {{ ref('fct_orders') }} as orders on priced.order_id = orders.order_id
    where priced.is_settled_by_channel and orders.is_valid

),

said as (

    {% for recon_code, component_code, amount in components -%}
    select
        order_id,
        coalesce(sku, '') as sku,
        '{{ component_code }}' as component_code,
        sum({{ amount }}) as amount
    from {{ ref('fct_order_lines') }}
    where {{ touched('order_id') }}
    group by order_id, coalesce(sku, '')
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

expected as (

    select
        orders.*,
        said.component_code,
        said.amount,
        orders.order_id || '|' || said.sku || '|' || said.component_code as article_key
    from orders
    inner join said on orders.order_id = said.order_id
    where said.amount <> 0

),

settled as (

    select
        lines.*,
        lines.order_id || '|' || coalesce(lines.sku, '') || '|' || lines.component_code
            as article_key,
        stated.netted_known_at,
        orders.order_id is null as is_orphan
    from {{ ref('fct_settlement_lines') }} as lines
    inner join {{ ref('stg_settlement_lines') }} as stated
        on lines.settlement_line_id = stated.settlement_line_id
    left join {{ ref('fct_orders') }} as orders on lines.order_id = orders.order_id
    where lines.order_id is not null
        and lines.line_kind = 'payment'
        and {{ touched('lines.order_id') }}

)

{% for recon_code in ['RC7', 'RC7D'] -%}
{%- set compared = components | selectattr(0, 'equalto', recon_code) | map(attribute=1) | join("', '") -%}
{%- set lone_type = "'BEARER_DIFF'" if recon_code == 'RC7D' else 'null' -%}
select
    {{ recon_side(recon_code, 'left', {
        'item_id': "article_key || ':order'", 'match_key': 'article_key',
        'currency_code': 'order_currency_code', 'amount': 'amount', 'item_at': 'placed_at',
        'order_id': 'order_id', 'channel': 'channel', 'shop_id': 'shop_id', 'party': 'channel',
        'is_due': 'cast(null as boolean)', 'lone_type': lone_type, 'known_at': 'known_at'}) }}
from expected
where component_code in ('{{ compared }}')
union all
select
    {{ recon_side(recon_code, 'right', {
        'item_id': 'settlement_line_id', 'match_key': 'article_key',
        'currency_code': 'currency_code', 'amount': 'gross_amount', 'item_at': 'posted_at',
        'order_id': 'order_id', 'shop_id': 'shop_id', 'party': 'provider',
        'known_at': 'netted_known_at',
        'lone_type': "case when is_orphan then 'KEY_UNMAPPED' else " ~ lone_type ~ " end"}) }}
from settled
where component_code in ('{{ compared }}')
{{ 'union all' if not loop.last }}
{% endfor %}
