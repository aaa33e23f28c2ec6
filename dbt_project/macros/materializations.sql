{# The two materializations this project uses on DuckDB, with as few statements as they need: dbt's
   own build beside the table, describe both and rename, which costs more than folding a handful of
   orders. A statement of DuckDB is atomic, and a build that breaks is run again with its window. #}
{% materialization table, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {{ drop_if_view(load_cached_relation(this)) }}
    {{ run_hooks(pre_hooks) }}
    {% call statement('main') -%}
        create or replace table {{ target_relation }} as (
            {{ compiled_code }}
        )
    {%- endcall %}
    {{ run_hooks(post_hooks) }}
    {{ adapter.commit() }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# Full: the table anew, held against its contract. Else: the rows of the touched keys are removed
   and what the model makes of them is inserted, in one transaction. #}
{% materialization incremental, adapter='duckdb' %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {{ drop_if_view(existing) }}
    {{ run_hooks(pre_hooks) }}
    {% if existing is none or existing.is_view or should_full_refresh() %}
        {% call statement('main') -%}{{ built_anew(target_relation, compiled_code) }}{%- endcall %}
    {% else %}
        {%- set replaced = replaced_rows(config.get('meta', {})) -%}
        {% call statement('main') -%}
            {%- if config.get('meta', {}).get('reads_itself') %}
            create or replace temporary table folded_rows as ({{ compiled_code }});
            delete from {{ target_relation }} where {{ replaced }};
            insert into {{ target_relation }} by name
            select * from folded_rows where {{ replaced }}
            {%- else %}
            delete from {{ target_relation }} where {{ replaced }};
            insert into {{ target_relation }} by name
            select * from ({{ compiled_code }}) as folded_rows where {{ replaced }}
            {%- endif %}
        {%- endcall %}
    {% endif %}
    {{ run_hooks(post_hooks) }}
    {{ adapter.commit() }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% macro built_anew(relation, sql) %}
    {%- if config.get('contract').enforced -%}
        {{ get_assert_columns_equivalent(sql) }}
        create or replace table {{ relation }} {{ get_table_columns_and_constraints() }};
        insert into {{ relation }} by name ({{ sql }})
    {%- else -%}
        create or replace table {{ relation }} as ({{ sql }})
    {%- endif -%}
{% endmacro %}

{% macro drop_if_view(relation) %}
    {%- if relation is not none and relation.is_view -%}
        {{ drop_relation(relation) }}
    {%- endif -%}
{% endmacro %}
