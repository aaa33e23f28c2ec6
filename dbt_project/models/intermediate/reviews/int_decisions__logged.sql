{{ config(materialized='ephemeral') }}
-- What was done in the app, in the shape of the order log. Steps of cases and refunds are told by the
-- models of those, beside what the desk and the warehouse told.
with

parcels as (

    select
        order_id,
        min(shipment_id) as shipment_id,
        count(*) as parcel_count
    from {{ ref('int_shipments__handed') }}
    group by order_id

),

stated as (

    select
        stated.*,
        case
            when stated.entity_type in ('shipment', 'claim') then stated.entity_id
            when parcels.parcel_count = 1 then parcels.shipment_id
        end as shipment_id
    from {{ ref('int_decisions__stated') }} as stated
    left join parcels on stated.order_id = parcels.order_id
    where stated.event_entity_type not in ('case', 'refund')

)

select
    {{ logged('event_type', 'decided_at', 'decided_known_at', 'event_entity_type',
        'event_entity_id', {
            'shipment_id': "case when event_entity_type in ('contact', 'claim') then shipment_id end",
            'actor_type': "'staff'", 'actor_id': 'actor_id', 'detail_code': 'detail_code',
            'quantity': "case when event_type = 'SATISFACTION_SCORED' then quantity end"}) }}
from stated
