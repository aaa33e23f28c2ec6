{# The accumulators of an order's state: name, aggregate over event_marks, the event's own part. The
   same list is grouped (fct_orders), run along the log (fct_order_states) and folded as of a moment. #}
{% macro state_accumulators() %}
    {{ return([
        ('happened_bits', 'bit_or(cast(event_bits as bigint))', 'event_bits'),
        ('captured_amount', 'sum(captured_delta)', 'captured_delta'),
        ('refunded_amount', 'sum(refunded_delta)', 'refunded_delta'),
        ('settled_amount', 'sum(settled_delta)', 'settled_delta'),
        ('shipped_quantity', 'sum(shipped_delta)', 'shipped_delta'),
        ('delivered_quantity', 'sum(delivered_delta)', 'delivered_delta'),
        ('partly_cancelled_quantity', 'sum(cancelled_delta)', 'cancelled_delta'),
        ('returned_quantity', 'sum(returned_delta)', 'returned_delta'),
        ('early_parcels', 'sum(early_parcels_delta)', 'early_parcels_delta'),
        ('late_parcels', 'sum(late_parcels_delta)', 'late_parcels_delta'),
        ('ended_parcels', 'sum(ended_parcels_delta)', 'ended_parcels_delta'),
        ('open_case_count', 'sum(case_delta)', 'case_delta'),
        ('logistics_mark', 'max(logistics_mark)', 'logistics_mark'),
        ('review_mark', 'max(review_mark)', 'review_mark'),
        ('fulfilment_mark', 'max(fulfilment_mark)', 'fulfilment_mark'),
        ('waiting_mark', 'max(waiting_mark)', 'waiting_mark'),
        ('chargeback_mark', 'max(chargeback_mark)', 'chargeback_mark'),
        ('case_mark', 'max(case_mark)', 'case_mark'),
        ('open_case_mark', 'max(open_case_mark)', 'open_case_mark'),
    ]) }}
{% endmacro %}

{# The seven axes over the accumulators; `prefix` reads those of the event before. #}
{% macro order_status(p='') -%}
    case
        when {{ has('ORDER_CANCELLED', p) }} then 'CANCELLED'
        when {{ has('ORDER_EXPIRED_UNPAID', p) }} then 'EXPIRED'
        when {{ has('ORDER_ARCHIVED', p) }} then 'ARCHIVED'
        when {{ has('ORDER_COMPLETED', p) }} then 'COMPLETED'
        when {{ has('ORDER_CONFIRMED', p) }} then 'CONFIRMED'
        else 'PLACED'
    end
{%- endmacro %}

{% macro payment_status(p='') -%}
    {%- set tolerance = var('payment_tolerance') -%}
    case
        -- Taken back by the bank, and not won since.
        when {{ mark_code(p ~ 'chargeback_mark') }} in (1, 2) then 'CHARGEBACK'
        when {{ p }}captured_amount > 0 and {{ p }}refunded_amount >= {{ p }}captured_amount
            then 'REFUNDED'
        when {{ p }}captured_amount > 0 and {{ p }}refunded_amount > 0 then 'PARTIALLY_REFUNDED'
        when {{ p }}captured_amount > payable_amount + {{ tolerance }} then 'OVERPAID'
        when {{ p }}captured_amount > 0 and {{ p }}captured_amount < payable_amount - {{ tolerance }}
            -- A deposit before the rest is due in cash.
            then case when {{ has('COD_DUE', p) }} and not {{ has('COD_COLLECTED', p) }}
                then 'COD_DUE' else 'PARTIAL' end
        when {{ p }}captured_amount > 0 then 'PAID'
        when {{ has('COD_DUE', p) }} then 'COD_DUE'
        when {{ has('PAYMENT_AUTHORIZED', p) }} and not {{ has('PAYMENT_VOIDED', p) }}
            then 'AUTHORIZED'
        when {{ has('PAYMENT_CAPTURED', p) }} then 'PAID'
        when {{ has('PAYMENT_ATTEMPT_FAILED', p) }} then 'FAILED'
        when {{ has('unreported', p) }} then 'NOT_REPORTED'
        else 'UNPAID'
    end
{%- endmacro %}

{% macro review_status(p='') -%}
    case {{ mark_code(p ~ 'review_mark') }}
        when 0 then 'NOT_STARTED' when 2 then 'AUTO_PASSED' when 3 then 'PASSED'
        when 4 then 'PENDING_MANUAL' when 5 then 'PENDING_FINANCE' when 6 then 'HELD'
        when 8 then 'HELD' when 9 then 'BLOCKED'
        else case
            when {{ has('auto', p) }} then 'AUTO_PASSED'
            when {{ has('REVIEW_PASSED', p) }} then 'PASSED'
            else 'NOT_STARTED'
        end
    end
{%- endmacro %}

{% macro fulfilment_status(p='') -%}
    case
        when {{ has('HANDED_OVER', p) }} and {{ p }}shipped_quantity
            >= ordered_quantity - {{ p }}partly_cancelled_quantity then 'SHIPPED'
        when {{ has('HANDED_OVER', p) }} then 'PART_SHIPPED'
        -- Held until there is stock, and nothing was set aside for it since.
        when {{ mark_code(p ~ 'fulfilment_mark') }} <= 2
            and {{ mark_code(p ~ 'waiting_mark') }} = 1
            and {{ p }}waiting_mark > {{ p }}fulfilment_mark then 'BACKORDER'
        else case {{ mark_code(p ~ 'fulfilment_mark') }}
            when 0 then 'NONE' when 1 then 'NONE' when 2 then 'RESERVED'
            when 3 then 'RELEASED' when 4 then 'RELEASED' when 5 then 'RELEASED'
            when 6 then 'PICKING' when 7 then 'PICKING' when 8 then 'PICKING'
            when 9 then 'SHORT' else 'PACKED'
        end
    end
{%- endmacro %}

{# Of several parcels the least advanced that is still on its way to the buyer; of one, its own. #}
{% macro logistics_status(p='') -%}
    coalesce({{ parcels_status(p) }}, case {{ mark_code(p ~ 'logistics_mark') }}
        when 0 then 'NONE' when 8 then 'RETURNING' when 9 then 'RETURNED' when 10 then 'LOST'
        else case
            when {{ has('DELIVERED', p) }} then 'DELIVERED'
            else case {{ mark_code(p ~ 'logistics_mark') }}
                when 1 then 'LABELLED' when 2 then 'COLLECTED' when 4 then 'ARRIVED'
                when 5 then 'OUT_FOR_DELIVERY' when 6 then 'AT_PICKUP_POINT' when 7 then 'EXCEPTION'
                else 'IN_TRANSIT'
            end
        end
    end)
{%- endmacro %}

{% macro after_sales_status(p='') -%}
    case
        when {{ mark_code(p ~ 'case_mark') }} = 0 then 'NONE'
        when {{ p }}open_case_count <= 0 then case {{ mark_code(p ~ 'case_mark') }}
            when 12 then 'REJECTED' when 13 then 'WITHDRAWN' else 'CLOSED_OK'
        end
        else {{ case_status(mark_code(p ~ 'open_case_mark')) }}
    end
{%- endmacro %}

{# Name of an open case's code. #}
{% macro case_status(code) -%}
    case {{ code }}
            when 2 then 'APPROVED' when 3 then 'RETURNING' when 4 then 'RECEIVED'
            when 5 then 'QC_DONE' when 6 then 'ARBITRATION' when 7 then 'REFUNDING'
            when 8 then 'RESHIPPING' when 9 then 'REPAIRING' else 'REQUESTED'
        end
{%- endmacro %}

{% macro settlement_status(p='') -%}
    {%- set tolerance = var('payment_tolerance') -%}
    case
        when {{ mark_code(p ~ 'chargeback_mark') }} = 1 then 'DISPUTED'
        when {{ p }}settled_amount > 0 and {{ p }}settled_amount >= {{ p }}captured_amount - {{ tolerance }}
            then 'SETTLED'
        when {{ p }}settled_amount > 0 then 'PART_SETTLED'
        else 'UNSETTLED'
    end
{%- endmacro %}

{# The deposit of an order is paid first and the rest has its day, which has not come: as far as facts
   reach (told_until), so that the same facts give the same answer. #}
{% macro rest_is_owed_later(relation) -%}
    ({{ relation }}.deposit_amount is not null and (
        {{ relation }}.rest_due_at is null
        or not ({{ happened(relation ~ '.rest_due_at') }}
            and {{ relation }}.rest_due_at <= {{ told_until(build_window().to_seq) }})
    ))
{%- endmacro %}

{# Shipping is promised from the payment on; of a pre-sale from the one that leaves nothing to pay. What
   tops up any other order promises nothing anew. #}
{% macro starts_promise(roles, events, presold) -%}
    case
        when {{ roles }}.sla_code <> 'S07' or {{ roles }}.role <> 'start'
            or {{ events }}.event_type not like 'PAYMENT_%' then true
        when {{ presold }}.order_id is null then {{ events }}.event_type <> 'PAYMENT_TOPUP'
        else coalesce({{ events }}.occurred_at >= {{ presold }}.whole_paid_at, false)
    end
{%- endmacro %}

{# What went back of the goods themselves: money is given back for goods first, and what is more than
   they were sold for is shipping and tax. #}
{% macro returned_amount() -%}
    least(refunded_amount, greatest(coalesce(goods_amount, 0) - discount_amount, 0))
{%- endmacro %}
