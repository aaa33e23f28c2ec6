{{ config(materialized='ephemeral') }}
-- Events of contacts with customers and carriers, each at the parcel it speaks of.
with

parcels as (

    select
        order_id,
        min(shipment_id) as shipment_id,
        count(*) as parcel_count
    from {{ ref('int_shipments__handed') }}
    group by order_id

),

-- A contact that names only a waybill speaks of the first order on it.
waybills as (

    select tracking_number, min(order_id) as order_id
    from (
        select tracking_number, order_id from {{ ref('stg_shipments') }}
        union all
        select tracking_number, order_id from {{ ref('stg_fulfilment_events') }}
    ) as stated
    where tracking_number in (
        select tracking_number from {{ ref('stg_contacts') }} where order_id is null
    )
    group by tracking_number

),

contacts as (

    select
        contacts.*,
        types.event_type,
        coalesce(contacts.order_id, waybills.order_id) as resolved_order_id
    from {{ ref('stg_contacts') }} as contacts
    inner join {{ ref('event_codes') }} as types
        on types.record_stream = 'contacts' and contacts.contact_kind = types.record_code
    left join waybills
        on contacts.order_id is null and contacts.tracking_number = waybills.tracking_number
    where {{ touched('coalesce(contacts.order_id, waybills.order_id)') }}

),

placed_contacts as (

    select
        contacts.*,
        coalesce(
            handed.shipment_id, case when parcels.parcel_count = 1 then parcels.shipment_id end
        ) as shipment_id
    from contacts
    left join {{ ref('int_shipments__handed') }} as handed
        on contacts.resolved_order_id = handed.order_id
        and contacts.tracking_number = handed.tracking_number
    left join parcels on contacts.resolved_order_id = parcels.order_id

)

select
    {{ logged('event_type', 'event_at', 'event_known_at', "'contact'", 'contact_id', {
        'order_id': 'resolved_order_id', 'shipment_id': 'shipment_id', 'actor_id': 'actor_id',
        'detail_code': 'coalesce(outcome, level)'}) }}
from placed_contacts
where resolved_order_id is not null
