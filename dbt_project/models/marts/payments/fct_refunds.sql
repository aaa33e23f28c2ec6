{{ config(meta={'touched': 'orders', 'part': {'refund_id': 'int_refunds__resolved'}}) }}
{%- set steps = ['requested', 'approved', 'rejected', 'sent', 'succeeded', 'failed'] %}
with

refunds as (

    select *, refund_status in ('{{ steps | join("', '") }}') as is_state
    from {{ ref('int_refunds__resolved') }}

),

-- One row per refund: the newest step says where it stands, of a source's steps if it has any.
newest as (

    select
        resolved_refund_id as refund_id,
        resolved_order_id as order_id,
        resolved_case_id as case_id,
        max(case when not is_told then request_number end) as request_number,
        {% for column in ['line_id', 'refund_status', 'amount', 'currency_code', 'refund_kind',
            'reason', 'sku', 'quantity', 'is_restocked', 'buyer_id', 'provider',
            'provider_refund_id', 'file_id', 'row_number'] -%}
        {{ last_by(column, ['is_state', 'is_told', 'refunded_at', 'record_key']) }} as {{ column }},
        {% endfor -%}
        {% for column in ['channel', 'shop_id'] -%}
        {{ last_by('resolved_' ~ column, ['is_state', 'is_told', 'refunded_at', 'record_key']) }}
            as {{ column }},
        {% endfor -%}
        {% for step in steps -%}
        min(case when refund_status = '{{ step }}' then refunded_at end) as {{ step }}_at,
        {% endfor -%}
        count(*) as step_count
    from refunds
    group by resolved_refund_id, resolved_order_id, resolved_case_id

),

final as (

    select
        newest.refund_id,
        newest.order_id,
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
        newest.request_number,
        {%- for step in steps %}
        newest.{{ step }}_at,
        {%- endfor %}
        newest.step_count,
        newest.file_id as _file_id,
        newest.row_number as _row_number
    from newest

)

select * from final
