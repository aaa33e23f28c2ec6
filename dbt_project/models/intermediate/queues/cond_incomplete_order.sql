{{ config(materialized='ephemeral') }}
-- A mandatory field of a live order is missing or cannot be right.
with

counted as (

    select
        orders.*,
        folded.shipped_at as first_shipped_at,
        folded.cancelled_at as folded_cancelled_at,
        case when orders.requires_address and orders.buyer_name_index is null then 1 else 0 end
            as missing_name_count,
        case when orders.requires_address and orders.ship_address_index is null then 1 else 0 end
            as missing_address_count,
        case when orders.requires_address and orders.payment_method is null
            and orders.first_captured_at is not null then 1 else 0 end as missing_method_count,
        case when orders.found_line_count = 0 then 1 else 0 end as missing_lines_count
    from {{ ref('int_orders__priced') }} as orders
    inner join {{ ref('int_orders__folded') }} as folded on orders.order_id = folded.order_id

),

summed as (

    select
        *,
        missing_sku_count + missing_quantity_count + missing_price_count + missing_name_count
            + missing_address_count + missing_method_count + missing_lines_count as missing_count
    from counted

)

select
    {{ condition('Q02', {
        'entity_id': 'order_id', 'order_id': 'order_id', 'channel': 'channel',
        'shop_id': 'shop_id', 'opened_at': 'placed_at',
        'closed_at': 'least(first_shipped_at, folded_cancelled_at, completed_at)',
        'at_risk_amount': 'owed_amount', 'currency_code': 'order_currency_code',
        'facts': facts([
            ["'missing_lines'", 'missing_lines_count', "'='", '0'],
            ["'missing_sku'", 'missing_sku_count', "'='", '0'],
            ["'missing_quantity'", 'missing_quantity_count', "'='", '0'],
            ["'missing_price'", 'missing_price_count', "'='", '0'],
            ["'missing_name'", 'missing_name_count', "'='", '0'],
            ["'missing_address'", 'missing_address_count', "'='", '0'],
            ["'missing_payment_method'", 'missing_method_count', "'='", '0']])}) }}
from summed
where missing_count > 0 and not is_final_on_arrival
