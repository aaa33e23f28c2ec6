{# Where the parcels of an order stand. Each parcel that has left is counted in one digit of one of
   three sums, the digit of its state; an event moves it from digit to digit. Sums do not mind the
   order in which they are told. Open states from the least advanced on, then the ended ones from
   the greatest down: the first digit that is not zero is the state of the order. #}
{% macro parcel_counts() %}
    {{ return({
        'early_parcels': {'LABELLED': 1, 'COLLECTED': 2, 'IN_TRANSIT': 3, 'EXCEPTION': 7},
        'late_parcels': {'ARRIVED': 4, 'OUT_FOR_DELIVERY': 5, 'AT_PICKUP_POINT': 6},
        'ended_parcels': {'LOST': 10, 'RETURNED': 9, 'RETURNING': 8, 'DELIVERED': 11},
    }) }}
{% endmacro %}

{# The one of a digit: fifteen bits each, so that 32,767 parcels fit. #}
{% macro parcel_digit(position) %}
    {{ return(2 ** (15 * position)) }}
{% endmacro %}

{# What a parcel in this state adds to a sum. #}
{% macro parcel_digits(name, code) -%}
    case {{ code }}
        {%- for state_code in parcel_counts()[name].values() %}
        when {{ state_code }} then {{ parcel_digit(loop.index0) }}
        {%- endfor %}
        else 0
    end
{%- endmacro %}

{# CTEs up to `parcel_steps`: event of an order of several parcels, and what it does to the sums.
   A parcel counts from when it left; a label printed twice or voided keeps no order open. What is
   delivered stays so, whatever is scanned later, but for a way back or a loss. #}
{% macro parcel_steps(log, condition='true') -%}
several_parcels as (

    select order_id
    from {{ log }} as events
    where shipment_id is not null and event_type in ('HANDED_OVER', 'TRACK_SCAN', 'DELIVERED')
        and {{ condition }}
    group by order_id
    having min(shipment_id) <> max(shipment_id)

),

parcel_marks as (

    select
        event_id, shipment_id, occurred_at, event_rank,
        {{ mark(logistics_code()) }} as parcel_mark,
        case when event_type = 'DELIVERED' then 1 else 0 end as is_delivery,
        case when event_type <> 'TRACK_SCAN' or detail_code <> 'LABELLED' then 1 else 0 end
            as has_left
    from {{ log }} as events
    where order_id in (select order_id from several_parcels)
        and shipment_id is not null and event_type in ('HANDED_OVER', 'TRACK_SCAN', 'DELIVERED')
        and {{ logistics_code() }} is not null and {{ condition }}

),

parcel_walks as (

    select
        event_id,
        {%- for named, frame in [('stands', 'so_far'), ('stood', 'before')] %}
        case
            when coalesce(max(has_left) over {{ frame }}, 0) = 0 then 0
            when max(is_delivery) over {{ frame }} = 1
                and max(parcel_mark) over {{ frame }} % 64 not in (8, 9, 10) then 11
            else max(parcel_mark) over {{ frame }} % 64
        end as {{ named }}{{ ',' if not loop.last }}
        {%- endfor %}
    from parcel_marks
    window
        so_far as (
            partition by shipment_id order by occurred_at, event_rank, event_id
            rows between unbounded preceding and current row
        ),
        before as (
            partition by shipment_id order by occurred_at, event_rank, event_id
            rows between unbounded preceding and 1 preceding
        )

),

parcel_steps as (

    select
        event_id as step_event_id,
        {%- for name in parcel_counts() %}
        {{ parcel_digits(name, 'stands') }} - {{ parcel_digits(name, 'stood') }}
            as {{ name }}_delta{{ ',' if not loop.last }}
        {%- endfor %}
    from parcel_walks
    where stands <> stood

)
{%- endmacro %}

{# The state of an order of several parcels, null for any other. #}
{% macro parcels_status(p='') -%}
    case
        {%- for name, states in parcel_counts().items() %}
        {%- for state in states %}
        when ({{ p }}{{ name }} & {{ 32767 * parcel_digit(loop.index0) }}) <> 0 then '{{ state }}'
        {%- endfor %}
        {%- endfor %}
    end
{%- endmacro %}
