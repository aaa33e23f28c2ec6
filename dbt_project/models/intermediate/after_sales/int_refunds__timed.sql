{{ config(materialized='ephemeral') }}
-- When money went back to an order's buyer, where the source of the refund does not say: when the
-- provider booked it, else once every parcel had left and, as far as it did, arrived. Of what could
-- have been, the reading that accuses nobody.
with

booked as (

    select resolved_order_id as order_id, min(posted_at) as booked_at
    from {{ ref('int_settlement_lines__resolved') }}
    where resolved_order_id is not null and {{ touched('resolved_order_id') }}
        and line_kind = 'refund'
    group by resolved_order_id

),

parcels as (

    select
        handed.order_id,
        max(greatest(handed.handed_over_at, delivered.event_at)) as last_known_at
    from {{ ref('int_shipments__handed') }} as handed
    left join {{ ref('int_shipments__delivered') }} as delivered
        on handed.shipment_id = delivered.shipment_id and delivered.is_delivery
    group by handed.order_id

)

select
    coalesce(booked.order_id, parcels.order_id) as order_id,
    coalesce(booked.booked_at, parcels.last_known_at) as refunded_at
from parcels
full outer join booked on parcels.order_id = booked.order_id
