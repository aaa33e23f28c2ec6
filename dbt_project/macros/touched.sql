{# The rows of this build: all of them when folding anew, else those with a touched key. #}
{% macro touched(column, grain='orders') -%}
    {%- if is_full() -%}
        true
    {%- else -%}
        {{ column }} in (select {{ touched_key(grain) }} from {{ ref('int_touched_' ~ grain) }})
    {%- endif -%}
{%- endmacro %}

{# Key column of the relation `int_touched_<grain>`. #}
{% macro touched_key(grain) -%}
    {{ {'orders': 'order_id', 'payments': 'match_key', 'skus': 'sku',
        'waybills': 'match_key', 'costs': 'order_id',
        'days': 'placed_date'}[grain] }}
{%- endmacro %}

{# Keys of one stream whose records are new in this build; a subquery for `in`. #}
{% macro new_keys(stream, column='record_key') -%}
    (select {{ column }} from {{ source('records', stream) }} where {{ new_records() }})
{%- endmacro %}

{# Every version of the touched records of a stream: a record that moved from one order to another
   touches both, and the old order is only in the old version. #}
{% macro touched_versions(stream, columns) -%}
    select {{ columns | join(', ') }}
    from {{ source('records', stream) }}
    where {{ visible_records() }}
        and {{ few_rows(source('records', stream), 'record_key', new_keys(stream)) }}
{%- endmacro %}

{# The log of the orders this build folds: all of it, or the touched orders' part. Both are asked
   for, so that dbt builds both before the models that fold. #}
{% macro order_log() -%}
    {%- set log, part = ref('fct_order_events'), ref('int_events') -%}
    {{ log if is_full() else part }}
{%- endmacro %}
