{# Text of a JSON string: only quotes and backslashes can break it in the values we write. #}
{% macro json_text(value) -%}
    '"' || replace(cast({{ value }} as {{ type_text() }}),
        '"', '''') || '"'
{%- endmacro %}

{# One fact of a finding: what was measured, what it was compared with. SQL expressions. #}
{% macro fact(name, value, operator, threshold) -%}
    '{"name":' || {{ json_text(name) }}
    || ',"value":' || coalesce({{ json_text(value) }}, 'null')
    || ',"op":' || coalesce({{ json_text(operator) }}, 'null')
    || ',"threshold":' || coalesce({{ json_text(threshold) }}, 'null') || '}'
{%- endmacro %}

{# Why an item is in its queue. `facts` is a JSON list, `evidence` the id of one event, the clock two
   moments: SQL expressions, any may be null. `rule`: where it is not the one of the queue. #}
{% macro why(queue, facts, evidence='null', started_at='null', due_at='null', rule=none) -%}
    '{"rule":' || {{ json_text(rule or queue ~ '.rule_code') }}
    || ',"version":' || cast({{ queue }}.rule_version as {{ type_text() }})
    || ',"facts":' || coalesce({{ facts }}, '[]')
    || ',"evidence":' || coalesce('[' || {{ json_text(evidence) }} || ']', '[]')
    || ',"clock":' || coalesce(
        '{"started_at":' || {{ json_text(started_at) }}
        || ',"due_at":' || coalesce({{ json_text(due_at) }}, 'null') || '}', 'null')
    || ',"leaves_when":' || {{ json_text(queue ~ '.leaves_when') }} || '}'
{%- endmacro %}
