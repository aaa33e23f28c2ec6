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

-- What is said about a complaint speaks of the order its other contacts name.
complaints as (

    select complaint_id, min(order_id) as order_id
    from {{ ref('stg_contacts') }}
    where complaint_id is not null and order_id is not null
    group by complaint_id

),

contacts as (

    select
        contacts.*,
        types.event_type,
        coalesce(contacts.order_id, waybills.order_id, complaints.order_id) as resolved_order_id
    from {{ ref('stg_contacts') }} as contacts
    inner join {{ ref('event_codes') }} as types
        on types.record_stream = 'contacts' and contacts.contact_kind = types.record_code
    left join waybills
        on contacts.order_id is null and contacts.tracking_number = waybills.tracking_number
    left join complaints
        on contacts.order_id is null and contacts.complaint_id = complaints.complaint_id
    where {{ touched('coalesce(contacts.order_id, waybills.order_id, complaints.order_id)') }}

),

-- An answer without a number is to the latest complaint of its order.
numbered as (

    select
        *,
        {{ complaint_number() }} as complaint_number,
        substr(max(case when contact_kind = 'complaint' then
            lpad(cast({{ epoch_us('event_at') }} as {{ type_text() }}), 17, '0')
            || {{ complaint_number() }} end) over (
                partition by resolved_order_id order by event_at, contact_id
                rows between unbounded preceding and current row
            ), 18) as latest_complaint_number
    from contacts

),

placed_contacts as (

    select
        contacts.*,
        {{ is_complaint('contacts.') }} as is_complaint,
        coalesce(
            contacts.complaint_number, contacts.latest_complaint_number, contacts.contact_id
        ) as entity_complaint_id,
        coalesce(
            handed.shipment_id, case when parcels.parcel_count = 1 then parcels.shipment_id end
        ) as shipment_id
    from numbered as contacts
    left join {{ ref('int_shipments__handed') }} as handed
        on contacts.resolved_order_id = handed.order_id
        and contacts.tracking_number = handed.tracking_number
    left join parcels on contacts.resolved_order_id = parcels.order_id

)

select
    {{ logged('event_type', 'event_at', 'event_known_at',
        "case when is_complaint then 'complaint' else 'contact' end",
        'case when is_complaint then entity_complaint_id else contact_id end', {
            'order_id': 'resolved_order_id', 'shipment_id': 'shipment_id', 'actor_id': 'actor_id',
            'quantity': 'score', 'detail_code': contact_detail()}) }}
from placed_contacts
where resolved_order_id is not null
