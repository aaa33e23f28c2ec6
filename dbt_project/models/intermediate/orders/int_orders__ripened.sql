{{ config(materialized='ephemeral') }}
-- Orders of which something ended by time alone between the last build and this one: the buyer's time
-- to confirm, the time for after-sales, or the time until the rest of the price is due. Nothing new was said of them; what was said of others shows
-- that the time has passed. Every fact such a time may run from is looked at: one order too many is
-- only folded again.
{%- set from_seq, to_seq = build_window().from_seq, build_window().to_seq %}
{%- set patience = threshold('completion_minutes') %}
{%- set service = threshold('after_sales_minutes') %}
with

starts as (

    {% for column in ['completed_at', 'closed_at', 'placed_at'] -%}
    select order_id, {{ column }} as starts_at from {{ ref('stg_orders') }}
    union all
    {% endfor -%}
    select order_id, shipped_at from {{ ref('stg_shipments') }}
    union all
    select order_id, delivered_at from {{ ref('stg_shipments') }}
    union all
    select order_id, event_at from {{ ref('stg_fulfilment_events') }}
    union all
    select order_id, event_at from {{ ref('stg_after_sales') }}
    union all
    select order_id, refunded_at from {{ ref('stg_refunds') }}
    union all
    select parcels.order_id, scans.event_at
    from {{ ref('stg_tracking_events') }} as scans
    inner join {{ ref('stg_shipments') }} as parcels
        on scans.tracking_number = parcels.tracking_number
    union all
    select parcels.order_id, scans.event_at
    from {{ ref('stg_tracking_events') }} as scans
    inner join {{ ref('stg_fulfilment_events') }} as parcels
        on scans.tracking_number = parcels.tracking_number

),

told as (

    select
        {{ told_until(to_seq) }} as until_at,
        coalesce({{ told_until(from_seq) }}, timestamp '1900-01-01') as before_at

)

select distinct starts.order_id
from starts
cross join told
where starts.order_id is not null
    and (
        {% for wait in [patience, service, patience ~ ' + ' ~ service] -%}
        (
            {{ add_minutes('starts.starts_at', wait) }} <= told.until_at
            and {{ add_minutes('starts.starts_at', wait) }} > told.before_at
        ){{ ' or ' if not loop.last }}
        {%- endfor %}
    )
union
select orders.order_id
from {{ ref('stg_orders') }} as orders
cross join told
where orders.rest_due_at <= told.until_at and orders.rest_due_at > told.before_at
