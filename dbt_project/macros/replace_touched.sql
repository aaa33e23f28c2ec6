{# Incremental strategy: remove every row of the touched keys, then insert what the model made of
   them. Unlike delete+insert it also removes keys that no longer give a row. `meta.touched` is
   a grain (orders, payments, skus: int_touched_<grain>), `all` (the relation is small), or a list
   of {grain, key, where} for relations that hold rows of several grains. #}
{% macro get_incremental_replace_touched_sql(arg_dict) %}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='name') | join(', ') -%}
    delete from {{ arg_dict['target_relation'] }}
    where {{ replaced_rows(config.get('meta', {})['touched']) }};
    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }}
{% endmacro %}

{% macro replaced_rows(touched) %}
    {%- set scopes = [{'grain': touched}] if touched is string else touched -%}
    {%- set conditions = [] -%}
    {%- for scope in scopes -%}
        {%- set rows = 'true' if scope.grain == 'all'
            else touched_rows(scope.get('key', touched_key(scope.grain)), scope.grain) -%}
        {%- do conditions.append(
            '(' ~ rows ~ (' and ' ~ scope['where'] if 'where' in scope else '') ~ ')') -%}
    {%- endfor -%}
    {{ return(conditions | join(' or ')) }}
{% endmacro %}

{# Condition for rows of touched keys, by address: usable where `ref` is not. #}
{% macro touched_rows(column, grain) -%}
    {%- set relation = api.Relation.create(
        database=target.database, schema='intermediate', identifier='int_touched_' ~ grain
    ) -%}
    {{ column }} in (select {{ touched_key(grain) }} from {{ relation }})
{%- endmacro %}
