{{ config(meta={'new_keys': {'refund_id': 'refunds', 'case_id': 'after_sales'}}) }}
{%- set steps = ['requested', 'approved', 'rejected', 'sent', 'succeeded', 'failed'] %}
with

refunds as (

    select * from {{ ref('stg_refunds') }}
    {% if not is_full() -%}
    where refund_id in {{ new_keys('refunds', 'refund_id') }}
        or case_id in {{ new_keys('after_sales', 'case_id') }}
    {%- endif %}

),

case_orders as (

    select case_id, min(order_id) as order_id
    from {{ ref('stg_after_sales') }}
    where case_id in (select case_id from refunds)
    group by case_id

),

-- One row per refund: the newest step says where it stands.
newest as (

    select
        refund_id,
        {% for column in ['order_id', 'line_id', 'case_id', 'channel', 'shop_id', 'refund_status',
            'amount', 'currency_code', 'refund_kind', 'reason', 'sku', 'quantity', 'is_restocked',
            'buyer_id', 'provider', 'provider_refund_id', 'file_id', 'row_number'] -%}
        {{ last_by(column, ['refunded_at', 'record_key']) }} as {{ column }},
        {% endfor -%}
        {% for step in steps -%}
        min(case when refund_status = '{{ step }}' then refunded_at end) as {{ step }}_at,
        {% endfor -%}
        count(*) as step_count
    from refunds
    group by refund_id

),

final as (

    select
        newest.refund_id,
        coalesce(newest.order_id, case_orders.order_id) as order_id,
        newest.line_id,
        newest.case_id,
        newest.channel,
        newest.shop_id,
        newest.refund_status,
        newest.amount,
        newest.currency_code,
        newest.refund_kind,
        newest.reason,
        newest.sku,
        newest.quantity,
        coalesce(newest.is_restocked, false) as is_restocked,
        newest.buyer_id,
        newest.provider,
        newest.provider_refund_id,
        {%- for step in steps %}
        newest.{{ step }}_at,
        {%- endfor %}
        newest.step_count,
        newest.file_id as _file_id,
        newest.row_number as _row_number
    from newest
    left join case_orders on newest.case_id = case_orders.case_id

)

select * from final
