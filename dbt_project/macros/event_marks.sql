{# What one event means for the state of its order: a bit that says it happened, signed quantities
   and amounts, and marks. A mark is (moment, code) in one number, so that the latest is a maximum:
   every accumulator is a sum, a maximum or a bit_or, and the order of arrival cannot matter.
   Bits are positions in this list: append, never reorder within a release. #}
{% macro state_events() %}
    {{ return([
        'ORDER_PLACED', 'ORDER_IMPORTED_MANUAL', 'COD_DUE', 'PAYMENT_ATTEMPT_FAILED',
        'PAYMENT_AUTHORIZED', 'PAYMENT_CAPTURED', 'COD_COLLECTED', 'PAYMENT_VOIDED',
        'REVIEW_ENTERED', 'REVIEW_PASSED', 'HOLD_APPLIED', 'REVIEW_REJECTED', 'ORDER_CONFIRMED',
        'HANDED_OVER', 'LABEL_CREATED', 'TRACK_SCAN', 'DELIVERED', 'AS_REQUESTED',
        'ORDER_COMPLETED', 'ORDER_CANCELLED', 'ORDER_EXPIRED_UNPAID', 'unreported', 'auto',
        'ORDER_ARCHIVED',
    ]) }}
{% endmacro %}

{% macro state_bit(code) %}
    {{ return(2 ** state_events().index(code)) }}
{% endmacro %}

{# Did it happen, by the accumulated bits. #}
{% macro has(code, prefix='') -%}
    ({{ prefix }}happened_bits & {{ state_bit(code) }}) <> 0
{%- endmacro %}

{# (moment, code) as one number; the code is below 64. #}
{% macro mark(code_case) -%}
    {{ epoch_us('occurred_at') }} * 64 + {{ code_case }}
{%- endmacro %}

{% macro mark_code(column) -%}
    coalesce({{ column }} % 64, 0)
{%- endmacro %}

{# That it happened. #}
{% macro event_bits() -%}
    case event_type
            {%- for code in state_events() if code == code | upper %}
            when '{{ code }}' then {{ state_bit(code) }}
            {%- endfor %}
            else 0
        end
        + case
            when event_type = 'ORDER_PLACED' and detail_code = 'unreported'
                then {{ state_bit('unreported') }}
            when event_type = 'REVIEW_PASSED' and detail_code = 'auto'
                then {{ state_bit('auto') }}
            else 0
        end
{%- endmacro %}

{# The select list of one event's marks, over the columns of the log and of `parcel_steps`. #}
{% macro event_marks() %}
        {{ event_bits() }} as event_bits,
        case when event_type in ('PAYMENT_CAPTURED', 'PAYMENT_TOPUP', 'COD_COLLECTED')
            then amount end as captured_delta,
        case
            when event_type = 'REFUND_SUCCEEDED' then amount
            when event_type = 'CHARGEBACK_CLOSED' and detail_code = 'lost' then amount
        end as refunded_delta,
        case
            when event_type = 'STATEMENT_LINE' and detail_code = 'payment' then amount
            when event_type = 'COD_REMITTED' then amount
        end as settled_delta,
        case when event_type = 'HANDED_OVER' then quantity end as shipped_delta,
        case when event_type = 'DELIVERED' then quantity end as delivered_delta,
        case when event_type = 'REFUND_SUCCEEDED' and detail_code = 'cancel' then quantity end
            as cancelled_delta,
        case
            when event_type = 'RETURN_RECEIVED' then quantity
            when event_type = 'REFUND_SUCCEEDED' and detail_code = 'return' and case_id is null
                then quantity
        end as returned_delta,
        {%- for name in parcel_counts() %}
        {{ name }}_delta,
        {%- endfor %}
        _case_delta as case_delta,
        {{ mark(logistics_code()) }} as logistics_mark,
        {{ mark(review_code()) }} as review_mark,
        {{ mark(fulfilment_code()) }} as fulfilment_mark,
        {{ mark(waiting_code()) }} as waiting_mark,
        {{ mark(chargeback_code()) }} as chargeback_mark,
        {{ mark(case_code()) }} as case_mark,
        {{ mark('case when ' ~ case_code() ~ ' < 11 then ' ~ case_code() ~ ' end') }}
            as open_case_mark
{%- endmacro %}

{% macro logistics_code() -%}
    case
        when event_type in ('HANDED_OVER', 'LABEL_CREATED') then 1
        when event_type = 'DELIVERED' then 11
        when event_type = 'TRACK_SCAN' then case detail_code
            when 'LABELLED' then 1 when 'COLLECTED' then 2 when 'IN_TRANSIT' then 3
            when 'FORWARDED' then 3 when 'CUSTOMS' then 3 when 'ARRIVED' then 4 when 'OUT_FOR_DELIVERY' then 5
            when 'AT_PICKUP_POINT' then 6 when 'RETURNING' then 8 when 'RETURNED' then 9
            when 'LOST' then 10 when 'DELIVERED' then 11
            when 'PROOF_OF_DELIVERY' then null when 'UNKNOWN' then null
            else 7
        end
    end
{%- endmacro %}

{% macro review_code() -%}
    case event_type
        when 'HOLD_RELEASED' then 1
        when 'REVIEW_PASSED' then case when detail_code = 'auto' then 2 else 3 end
        when 'REVIEW_ENTERED' then case detail_code
            when 'finance' then 5 when 'hold' then 6 else 4 end
        when 'HOLD_APPLIED' then 8
        when 'ORDER_BLOCKED' then 9 when 'REVIEW_REJECTED' then 9
    end
{%- endmacro %}

{% macro fulfilment_code() -%}
    case event_type
        when 'RESERVATION_RELEASED' then 1 when 'RESERVATION_EXPIRED' then 1
        when 'STOCK_RESERVED' then 2
        when 'PICK_SHORT_RESOLVED' then 2
        when 'SUPPLIER_NOTIFIED' then 3 when 'RELEASED_TO_WMS' then 4 when 'WMS_ACCEPTED' then 5
        when 'PICK_STARTED' then 6 when 'PICKED' then 7 when 'CHECKED' then 8
        when 'PICK_SHORT' then 9 when 'PACKED' then 10 when 'LABEL_CREATED' then 11
    end
{%- endmacro %}

{# Is an order held until there is stock for it. #}
{% macro waiting_code() -%}
    case when detail_code = 'stock' then case event_type
        when 'HOLD_APPLIED' then 1 when 'HOLD_RELEASED' then 2 when 'HOLD_LAPSED' then 2
    end end
{%- endmacro %}

{% macro chargeback_code() -%}
    case event_type
        when 'CHARGEBACK_OPENED' then 1
        when 'CHARGEBACK_CLOSED' then case when detail_code = 'lost' then 2 else 3 end
    end
{%- endmacro %}

{# Where a case stands after an event; 11 and above are ends. #}
{% macro case_code() -%}
    case
        when case_id is null then null
        when event_type = 'AS_REQUESTED' then 1
        when event_type = 'AS_APPROVED'
            then case detail_code when 'refund' then 7 when 'reship' then 8 else 2 end
        when event_type = 'RETURN_SHIPPED' then 3 when event_type = 'RETURN_RECEIVED' then 4
        when event_type = 'QC_PASSED'
            then case detail_code when 'exchange' then 8 when 'repair' then 9 else 5 end
        when event_type = 'QC_FAILED' then 5
        when event_type = 'PLATFORM_INTERVENED' then 6
        when event_type in ('REFUND_REQUESTED', 'REFUND_APPROVED', 'REFUND_SENT', 'REFUND_FAILED')
            and coalesce(detail_code, '') <> 'compensation' then 7
        when event_type in ('EXCHANGE_SHIPPED', 'REPAIR_DONE', 'AS_CLOSED', 'ARBITRATED',
            'REFUND_SUCCEEDED') then 11
        when event_type = 'AS_REJECTED' then 12 when event_type = 'AS_WITHDRAWN' then 13
    end
{%- endmacro %}
