{# Pieces of each kind of move, as columns. #}
{% macro moved_quantities(moves) -%}
    {%- for move in moves %}
        sum(case when move = '{{ move }}' then quantity end)
            as {{ move }}_quantity{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
