{# Of each refund decided in the house, the first refund of the same order by which a source carries
   its number: both are one. Others with the number are refunds of their own. #}
{% macro refund_twins() %}
twins as (

    select
        request_number,
        order_id,
        {{ first_by('refund_id', ['refunded_at', 'record_key']) }} as twin_id
    from {{ ref('stg_refunds') }}
    where source <> 'ledger'
        and request_number is not null
        and order_id is not null
        {% if not is_full() -%}
        and {{ touched('order_id') }}
        {%- endif %}
    group by request_number, order_id

)
{%- endmacro %}
