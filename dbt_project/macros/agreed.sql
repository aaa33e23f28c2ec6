{# Steps of cases but compensations over nothing: nobody agreed to one, or it was taken back. #}
{% macro steps_that_stand() -%}
    (select * from {{ ref('stg_after_sales') }}
    where case_step <> 'compensation_agreed' or coalesce(amount, 1) <> 0
        or coalesce(supplier_amount, 0) + coalesce(ecom_amount, 0) + coalesce(platform_amount, 0) <> 0)
{%- endmacro %}
