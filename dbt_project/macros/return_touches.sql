{# Goods that came back, and refunds, belong to the case, or the waybill, they name; goods also to the
   case people said, from when they said it until they take it back. #}
{% macro returned_goods() %}
{%- set decisions, receipts = source('records', 'decisions'), source('records', 'return_receipts') -%}
said as (

    select entity_id, case_id
    from {{ decisions }}
    where {{ visible_records() }}
        and verb = 'match_case'
        and (
            decision_id in {{ new_keys('decisions', 'decision_id') }}
            or decision_id in {{ new_keys('decisions', 'undoes_decision_id') }}
            or entity_id in {{ new_keys('return_receipts', 'return_receipt_id') }}
            or case_id in {{ new_keys('after_sales', 'case_id') }}
        )

),

returned as (

    {{ touched_versions('return_receipts', ['order_id', 'case_id', 'tracking_number']) }}
    union all
    select order_id, case_id, tracking_number
    from {{ receipts }}
    where {{ visible_records() }} and return_receipt_id in (select entity_id from said)
    union all
    select null, case_id, null from said
    union all
    {{ touched_versions('refunds', ['null', 'case_id', 'null']) }}

)
{%- endmacro %}
