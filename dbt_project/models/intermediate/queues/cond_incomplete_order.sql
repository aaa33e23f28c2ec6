{{ config(materialized='ephemeral') }}
-- A mandatory field of a live order is missing or cannot be right, or was for longer than the parts
-- of an order take to arrive; ends when a later version says it.
{%- set fields = ['lines', 'sku', 'code', 'quantity', 'price', 'name', 'address', 'method'] %}
{%- set names = {'method': 'missing_payment_method', 'code': 'unknown_sku'} %}
{%- set lacking = [] %}
{%- for field in fields %}
    {%- do lacking.append(["'" ~ names.get(field, 'missing_' ~ field) ~ "'",
        'greatest(missing_' ~ field ~ '_count, case when late_' ~ field
        ~ '_at is null then 0 else 1 end)', "'='", '0']) %}
{%- endfor %}
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
        orders.unknown_sku_count as missing_code_count,
        case when orders.found_line_count = 0 then 1 else 0 end as missing_lines_count
    from {{ ref('int_orders__priced') }} as orders
    inner join {{ ref('int_orders__folded') }} as folded on orders.order_id = folded.order_id
    where not orders.is_final_on_arrival

),

-- What came only after the order itself; how it is paid is not asked before it is.
late as (

    select
        *,
        {% for field in fields -%}
        case
            when {{ field }}_stated_at > {{ add_minutes('greatest(first_stated_at, '
                ~ ('first_paid_known_at' if field == 'method' else 'first_stated_at') ~ ')',
                threshold('missing_order_minutes')) }}
                {%- if field in ('name', 'address', 'method') %}
                and requires_address
                {%- endif %}
                {%- if field == 'method' %}
                and first_captured_at is not null
                {%- endif %}
                then {{ field }}_stated_at
        end as late_{{ field }}_at{{ ',' if not loop.last }}
        {% endfor %}
    from counted

),

judged as (

    select
        *,
        missing_sku_count + missing_code_count + missing_quantity_count + missing_price_count + missing_name_count
            + missing_address_count + missing_method_count + missing_lines_count as missing_count,
        greatest(late_{{ fields | join('_at, late_') }}_at) as complete_at
    from late

)

select
    {{ condition('Q02', {
        'entity_id': 'order_id', 'order_id': 'order_id', 'channel': 'channel',
        'shop_id': 'shop_id', 'opened_at': 'placed_at',
        'closed_at': 'least(case when missing_count = 0 then complete_at end, first_shipped_at,
            folded_cancelled_at, completed_at)',
        'at_risk_amount': 'owed_amount', 'currency_code': 'order_currency_code',
        'facts': facts(lacking)}) }}
from judged
where missing_count > 0 or complete_at is not null
