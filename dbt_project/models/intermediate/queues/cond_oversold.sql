{{ config(materialized='ephemeral') }}
-- At least one line of the order stands below the cut-line of its sku.
with

unserved as (

    select
        order_id,
        min(paid_at) as opened_at,
        sum(shortfall_quantity) as shortfall_quantity,
        count(*) as line_count
    from {{ ref('fct_stock_demand') }}
    where not is_served
    group by order_id

)

select
    {{ condition('Q11', {
        'entity_id': 'unserved.order_id', 'order_id': 'unserved.order_id',
        'channel': 'orders.channel', 'shop_id': 'orders.shop_id',
        'opened_at': 'unserved.opened_at', 'at_risk_amount': 'orders.payable_amount',
        'currency_code': 'orders.currency_code',
        'facts': facts([
            ["'shortfall_quantity'", 'unserved.shortfall_quantity', "'='", '0'],
            ["'unserved_lines'", 'unserved.line_count', "'='", '0']])}) }}
from unserved
inner join {{ ref('fct_orders') }} as orders on unserved.order_id = orders.order_id
