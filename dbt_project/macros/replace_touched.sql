{# Which rows of a relation a build replaces, from the `meta` of its model:
   touched     a grain (orders, payments, skus: keys in int_touched_<grain>), `all` (the relation is
               small), or a list of {grain, key, where} for relations with rows of several grains
   new_keys    {column: streams}: rows whose key is in the new records of a stream
   part        {column: relation}: rows whose key is in a relation of this build
   Keys that no longer give a row lose their rows: nothing is left behind by a changed fact. #}
{% macro replaced_rows(meta) %}
    {%- set conditions = [] -%}
    {%- set touched = meta.get('touched', []) -%}
    {%- for scope in ([{'grain': touched}] if touched is string else touched) -%}
        {%- set rows = 'true' if scope.grain == 'all'
            else touched_rows(scope.get('key', touched_key(scope.grain)), scope.grain) -%}
        {%- do conditions.append(
            '(' ~ rows ~ (' and ' ~ scope['where'] if 'where' in scope else '') ~ ')') -%}
    {%- endfor -%}
    {%- for column, streams in meta.get('new_keys', {}).items() -%}
        {%- for stream in ([streams] if streams is string else streams) -%}
            {%- do conditions.append(column ~ ' in ' ~ new_keys(stream, column)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for column, relation in meta.get('part', {}).items() -%}
        {%- do conditions.append(
            column ~ ' in (select ' ~ column ~ ' from ' ~ built_part(relation) ~ ')') -%}
    {%- endfor -%}
    {{ return(conditions | join(' or ')) }}
{% endmacro %}

{# Condition for rows of touched keys, by address: usable where `ref` is not. #}
{% macro touched_rows(column, grain) -%}
    {{ column }} in (select {{ touched_key(grain) }} from {{ built_part('int_touched_' ~ grain) }})
{%- endmacro %}

{% macro built_part(name) -%}
    {{ api.Relation.create(database=target.database, schema='intermediate', identifier=name) }}
{%- endmacro %}
