{# Queues that are filled anew in every build, because what moves their items is not one order. The
   others keep the items of untouched orders. `queues.is_order_scoped` says the same. #}
{% macro refilled_queues() %}
    {{ return(['Q05', 'Q11', 'Q12', 'Q13', 'Q14', 'Q15', 'Q16', 'Q21', 'Q33', 'Q34', 'Q36', 'Q37']) }}
{% endmacro %}

{# The columns of a `cond_<state>` model, in their order; what is not given is null. `entity_type` is
   that of the queue unless given, and so are `severity` and `rule_code`. #}
{% macro condition(queue_code, given) %}
    {%- set text = type_text() %}
    {%- set types = {
        'entity_id': text, 'episode_number': 'bigint', 'order_id': text,
        'channel': text, 'shop_id': text, 'opened_at': 'timestamp',
        'closed_at': 'timestamp', 'due_at': 'timestamp', 'at_risk_amount': 'decimal(18, 4)',
        'currency_code': text, 'facts': text, 'evidence_event_id': text,
        'started_at': 'timestamp', 'entity_type': text, 'severity': 'integer',
        'rule_code': text} %}
        '{{ queue_code }}' as queue_code,
        {%- for column, type in types.items() %}
        cast({{ given.get(column, 1 if column == 'episode_number' else 'null') }} as {{ type }})
            as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
{%- endmacro %}

{# The JSON list of one or more facts, each [name, value, operator, threshold]: SQL expressions.
   `more`: an expression of further facts, joined by commas; null where there are none. #}
{% macro facts(items, more=none) -%}
    '[' || {% for item in items -%}
        {{ fact(item[0], item[1], item[2], item[3]) }}
        {%- if not loop.last %} || ',' || {% endif %}
    {%- endfor %}
    {%- if more %} || coalesce(',' || {{ more }}, ''){% endif %} || ']'
{%- endmacro %}
