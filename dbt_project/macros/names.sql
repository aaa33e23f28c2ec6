{# A model's schema is the one it is given, without a prefix: the asset key is the address. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
