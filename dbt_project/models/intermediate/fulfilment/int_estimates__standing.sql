{{ config(materialized='ephemeral') }}
-- One row per parcel of a touched order that somebody gave an estimate for: the last one told while it
-- was on its way. What is said after it arrived is no promise.
with

arrived as (

    select shipment_id, min(event_at) as delivered_at
    from {{ ref('int_shipments__delivered') }}
    where is_delivery
    group by shipment_id

)

select
    estimates.shipment_id,
    {{ last_by('estimates.expected_at', ['estimates.stated_at', 'estimates.record_key']) }}
        as expected_at
from {{ ref('int_estimates__placed') }} as estimates
left join arrived on estimates.shipment_id = arrived.shipment_id
where estimates.stated_at <= coalesce(arrived.delivered_at, estimates.stated_at)
group by estimates.shipment_id
