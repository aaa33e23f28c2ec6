{# The seven axes as select-list lines, with a prefix for reading and one for naming. #}
{% macro status_columns(p='', named='') %}
        {{ order_status(p) }} as {{ named }}order_status,
        {{ payment_status(p) }} as {{ named }}payment_status,
        {{ review_status(p) }} as {{ named }}review_status,
        {{ fulfilment_status(p) }} as {{ named }}fulfilment_status,
        {{ logistics_status(p) }} as {{ named }}logistics_status,
        {{ after_sales_status(p) }} as {{ named }}after_sales_status,
        {{ settlement_status(p) }} as {{ named }}settlement_status
{%- endmacro %}

{# One word for the seven axes; the first match wins. #}
{% macro headline_status(n='') -%}
    case
        when {{ n }}order_status in ('CANCELLED', 'EXPIRED') then 'CANCELLED'
        when {{ n }}review_status = 'BLOCKED' then 'BLOCKED'
        when {{ n }}fulfilment_status in ('SHIPPED', 'PART_SHIPPED')
            and {{ n }}after_sales_status
                not in ('NONE', 'CLOSED_OK', 'REJECTED', 'WITHDRAWN') then 'AFTER_SALES'
        when {{ n }}order_status in ('COMPLETED', 'ARCHIVED') then 'COMPLETED'
        when {{ n }}fulfilment_status = 'SHIPPED' and {{ n }}logistics_status = 'DELIVERED'
            then 'DELIVERED'
        when {{ n }}fulfilment_status = 'SHIPPED' then 'IN_TRANSIT'
        when {{ n }}fulfilment_status = 'PART_SHIPPED' then 'PART_SHIPPED'
        when {{ n }}payment_status in ('UNPAID', 'PARTIAL', 'FAILED') then 'UNPAID'
        when {{ n }}review_status in ('PENDING_MANUAL', 'PENDING_FINANCE') then 'IN_REVIEW'
        when {{ n }}review_status = 'HELD' then 'ON_HOLD'
        else 'TO_SHIP'
    end
{%- endmacro %}
