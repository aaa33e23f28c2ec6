{# Condition: rows of a large relation whose key is among few. DuckDB reads every column of the rows
   it filters by a join; by row number it reads the key first and then only what it needs. #}
{% macro few_rows(relation, column, keys) -%}
    {{ return(adapter.dispatch('few_rows', 'orderhouse')(relation, column, keys)) }}
{%- endmacro %}
{% macro duckdb__few_rows(relation, column, keys) -%}
    rowid in (select rowid from {{ relation }} where {{ column }} in {{ keys }})
{%- endmacro %}
{% macro spark__few_rows(relation, column, keys) -%}
    {{ column }} in {{ keys }}
{%- endmacro %}
