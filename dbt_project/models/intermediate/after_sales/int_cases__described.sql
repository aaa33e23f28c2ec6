{{ config(materialized='ephemeral') }}
-- One row per case of a touched order: what the desk wrote of it once, and who bears its compensation.
-- A part nobody stated is the rest of the total, and the shop's.
with

steps as (

    select
        *,
        coalesce(
            ecom_amount, amount - coalesce(supplier_amount, 0) - coalesce(platform_amount, 0)
        ) as borne_ecom_amount
    from {{ steps_that_stand() }}
    where {{ touched('order_id') }}

),

suppliers as (

    select order_id, sku, min(supplier_id) as supplier_id
    from {{ ref('stg_order_lines') }}
    where {{ touched('order_id') }} and supplier_id is not null
    group by order_id, sku

),

described as (

    select
        case_id,
        min(order_id) as order_id,
        {%- for column in ['case_kind', 'line_id', 'sku', 'reason', 'liable_party',
            'return_carrier', 'return_tracking_number', 'currency_code'] %}
        {{ first_by(column, [column ~ ' is null', 'event_at', 'record_key']) }} as {{ column }},
        {%- endfor %}
        max(case when case_step = 'requested' then amount end) as requested_amount,
        sum(case when case_step = 'compensation_agreed' then amount end)
            as stated_compensation_amount,
        coalesce(sum(case when case_step = 'compensation_agreed' then supplier_amount end), 0)
            as supplier_amount,
        coalesce(sum(case when case_step = 'compensation_agreed' then borne_ecom_amount end), 0)
            as ecom_amount,
        coalesce(sum(case when case_step = 'compensation_agreed' then platform_amount end), 0)
            as platform_amount,
        {{ first_by('file_id', ['event_at', 'record_key']) }} as file_id,
        {{ first_by('row_number', ['event_at', 'record_key']) }} as row_number
    from steps
    group by case_id

)

select described.*, suppliers.supplier_id
from described
left join suppliers on described.order_id = suppliers.order_id and described.sku = suppliers.sku
