{{ config(materialized='ephemeral') }}
-- RC15: orders a channel lists against the orders that are here: how many (RC15), and for how much
-- where the list says it (RC15A). Whether a channel lists all of its orders nobody can say, so an
-- order that is only here is no difference.
with

listed as (

    select
        order_id,
        min(seen_at) as listed_at,
        max(channel) as channel,
        max(shop_id) as shop_id,
        {{ last_by('payable_amount', ['payable_amount is not null', 'seen_at', 'record_key']) }}
            as payable_amount
    from {{ ref('stg_channel_status') }}
    where {{ touched('order_id') }} and {{ happened('seen_at') }}
    group by order_id

),

-- Tests are no orders, by the word of the channel or of a person: listed, they are accounted for.
tests as (

    select order_id
    from {{ ref('stg_orders') }}
    where {{ touched('order_id') }} and is_test
    union
    select order_id
    from {{ ref('int_decisions__kept') }}
    where verb = 'ignore_test' and not is_undone

),

known as (

    select
        orders.order_id,
        orders.placed_at,
        orders.channel,
        orders.shop_id,
        orders.currency_code,
        orders.payable_amount,
        listed.payable_amount as listed_amount
    from {{ ref('fct_orders') }} as orders
    inner join listed on orders.order_id = listed.order_id
    where {{ touched('orders.order_id') }}
    union all
    select
        listed.order_id,
        listed.listed_at as placed_at,
        listed.channel,
        listed.shop_id,
        '' as currency_code,
        listed.payable_amount,
        listed.payable_amount as listed_amount
    from listed
    where listed.order_id in (select order_id from tests)
        and listed.order_id not in (
            select order_id from {{ ref('fct_orders') }} where {{ touched('order_id') }}
        )

)

{% for code, listed_amount, amount, condition in [
    ('RC15', '1', '1', 'true'),
    ('RC15A', 'listed.payable_amount', 'known.payable_amount', 'listed.payable_amount is not null')]
-%}
select
    {{ recon_side(code, 'left', {
        'item_id': "listed.order_id || ':listed'", 'match_key': 'listed.order_id',
        'currency_code': "''" if code == 'RC15' else 'known.currency_code',
        'amount': listed_amount, 'item_at': 'listed.listed_at', 'order_id': 'listed.order_id',
        'channel': 'listed.channel', 'shop_id': 'listed.shop_id', 'party': 'listed.channel'}) }}
from listed
left join known on listed.order_id = known.order_id
where {{ condition }}
union all
select
    {{ recon_side(code, 'right', {
        'item_id': 'known.order_id', 'match_key': 'known.order_id',
        'currency_code': "''" if code == 'RC15' else 'known.currency_code',
        'amount': amount, 'item_at': 'known.placed_at', 'order_id': 'known.order_id',
        'channel': 'known.channel', 'shop_id': 'known.shop_id', 'party': 'known.channel'}) }}
from known
where {{ 'true' if code == 'RC15' else 'known.listed_amount is not null' }}
{{ 'union all' if not loop.last }}
{% endfor %}
