{# Where a fact comes from: the columns that follow it from its record to the log. #}
{% macro lineage_columns() %}
    {{ return([
        'record_key', 'source', 'channel', 'shop_id', 'observed_at', 'file_id', 'row_number',
        'byte_from', 'byte_to',
    ]) }}
{% endmacro %}

{# Lineage of the one row of a group with the lowest key. #}
{% macro lineage_by(key) -%}
    {%- for column in lineage_columns() %}
        {{ first_by(column, [key]) }} as {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# One row of the order log from a record. Lineage comes from the record's own columns unless
   given; what is not given is null. Every branch of int_events has exactly these columns. #}
{% macro logged(event_type, occurred_at, known_at, entity_type, entity_id, given={}, relation=none) %}
    {%- set own = relation ~ '.' if relation else '' -%}
    {%- set text = type_text() %}
    {%- set types = {
        'line_id': text, 'shipment_id': text, 'case_id': text, 'sku': text,
        'warehouse_id': text, 'actor_type': text, 'actor_id': text,
        'amount': 'decimal(18, 4)', 'currency_code': text, 'quantity': 'decimal(18, 4)',
        'detail_code': text, 'place': text, 'case_delta': 'integer'} %}
        cast({{ given.get('order_id', own ~ 'order_id') }} as {{ type_text() }}) as order_id,
        cast({{ event_type }} as {{ type_text() }}) as event_type,
        {{ occurred_at }} as occurred_at,
        {{ known_at }} as ingested_at,
        cast({{ entity_type }} as {{ type_text() }}) as entity_type,
        cast({{ entity_id }} as {{ type_text() }}) as entity_id,
        {%- for column, type in types.items() %}
        cast({{ given.get(column, 'null') }} as {{ type }}) as {{ column }},
        {%- endfor %}
        {%- for column in lineage_columns() %}
        {{ given.get(column, own ~ column) }} as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
{%- endmacro %}

{# Any of these closes an after-sales case. #}
{% macro closing_events() %}
    {{ return(['AS_CLOSED', 'AS_REJECTED', 'AS_WITHDRAWN', 'ARBITRATED', 'REFUND_SUCCEEDED',
        'EXCHANGE_SHIPPED', 'REPAIR_DONE']) }}
{% endmacro %}

{# +1 on the row that opens a case, -1 on the first that closes it. #}
{% macro case_delta(relation) -%}
    case
        when {{ relation }}.record_key = bounds.opening_key then 1
        when {{ relation }}.record_key = bounds.closing_key and {{ relation }}.event_type in (
            '{{ closing_events() | join("', '") }}') then -1
        else 0
    end
{%- endmacro %}
