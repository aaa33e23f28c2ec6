{% macro status_axes() %}
    {{ return(
        ['order', 'payment', 'review', 'fulfilment', 'logistics', 'after_sales', 'settlement']) }}
{% endmacro %}

{# What identifies a row of the state history. #}
{% macro state_event_columns() -%}
    order_id, event_id, event_type, event_rank, occurred_at, detail_code, payable_amount,
        ordered_quantity
{%- endmacro %}

{# Axes that have rows in `allowed_transitions`. #}
{% macro guarded_axes() %}
    {{ return(['order', 'payment', 'review', 'fulfilment', 'after_sales']) }}
{% endmacro %}

{# Anti-join of an event and the state before it with the allowed transitions: an axis that the
   event guards and whose state before is not listed is a deviation. Each join meets at most one
   row, because (axis, event, detail, state) is unique in the seed. #}
{% macro join_transitions(relation) -%}
    {%- for axis in guarded_axes() %}
    left join (
        select event_type, detail_code, max(deviation_code) as deviation_code
        from {{ ref('allowed_transitions') }}
        where axis = '{{ axis }}'
        group by event_type, detail_code
    ) as guard_{{ axis }}
        on guard_{{ axis }}.event_type = {{ relation }}.event_type
        and coalesce(guard_{{ axis }}.detail_code, {{ relation }}.detail_code, '')
            = coalesce({{ relation }}.detail_code, '')
    left join {{ ref('allowed_transitions') }} as allowed_{{ axis }}
        on allowed_{{ axis }}.axis = '{{ axis }}'
        and allowed_{{ axis }}.event_type = guard_{{ axis }}.event_type
        and coalesce(allowed_{{ axis }}.detail_code, '')
            = coalesce(guard_{{ axis }}.detail_code, '')
        and allowed_{{ axis }}.from_status = {{ relation }}.was_{{ axis }}_status
    {%- endfor %}
{%- endmacro %}

{% macro deviation_code(relation) -%}
    case
        {%- for axis in guarded_axes() %}
        when guard_{{ axis }}.event_type is not null and allowed_{{ axis }}.event_type is null
            then guard_{{ axis }}.deviation_code
        {%- endfor %}
    end
{%- endmacro %}
