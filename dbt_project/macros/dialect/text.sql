{# The type of a text of any length. #}
{% macro type_text() -%}{{ return(adapter.dispatch('type_text', 'orderhouse')()) }}{%- endmacro %}
{% macro duckdb__type_text() -%}varchar{%- endmacro %}
{% macro spark__type_text() -%}string{%- endmacro %}

{# Values of a group in one text, in a stated order. #}
{% macro joined_text(value, separator, order_by) -%}
    {{ return(adapter.dispatch('joined_text', 'orderhouse')(value, separator, order_by)) }}
{%- endmacro %}
{% macro duckdb__joined_text(value, separator, order_by) -%}
    string_agg({{ value }}, '{{ separator }}' order by {{ order_by }})
{%- endmacro %}
{% macro spark__joined_text(value, separator, order_by) -%}
    array_join(
        transform(
            array_sort(collect_list(struct({{ order_by }} as k, {{ value }} as v))), s -> s.v
        ),
        '{{ separator }}'
    )
{%- endmacro %}

{# Value of the row with the highest key; keys must be a total order. Keeps null values. #}
{% macro last_by(value, keys) -%}
    {{ return(adapter.dispatch('last_by', 'orderhouse')(value, keys)) }}
{%- endmacro %}
{% macro duckdb__last_by(value, keys) -%}
    arg_max_null({{ value }}, {{ compared(keys) }})
{%- endmacro %}
{% macro spark__last_by(value, keys) -%}
    max_by({{ value }}, struct({{ keys | join(', ') }}))
{%- endmacro %}

{# Value of the row with the lowest key; keys must be a total order. Keeps null values. #}
{% macro first_by(value, keys) -%}
    {{ return(adapter.dispatch('first_by', 'orderhouse')(value, keys)) }}
{%- endmacro %}
{% macro duckdb__first_by(value, keys) -%}
    arg_min_null({{ value }}, {{ compared(keys) }})
{%- endmacro %}
{% macro spark__first_by(value, keys) -%}
    min_by({{ value }}, struct({{ keys | join(', ') }}))
{%- endmacro %}

{# One key is compared as it is: a row of one is several times slower. #}
{% macro compared(keys) -%}
    {{ keys[0] if keys | length == 1 else 'row(' ~ keys | join(', ') ~ ')' }}
{%- endmacro %}
