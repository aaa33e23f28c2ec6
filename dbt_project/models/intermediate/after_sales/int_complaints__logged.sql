{{ config(materialized='ephemeral') }}
-- Complaints about no order: about a person, an advertisement, a parcel nobody knows.
with

about_orders as (

    select complaint_id
    from {{ ref('stg_contacts') }}
    where complaint_id is not null and order_id is not null
    group by complaint_id

),

waybills as (

    select tracking_number from {{ ref('stg_shipments') }}
    union
    select tracking_number from {{ ref('stg_fulfilment_events') }}

),

contacts as (

    select contacts.*, types.event_type
    from {{ ref('stg_contacts') }} as contacts
    inner join {{ ref('event_codes') }} as types
        on types.record_stream = 'contacts' and contacts.contact_kind = types.record_code
    left join about_orders on contacts.complaint_id = about_orders.complaint_id
    left join waybills on contacts.tracking_number = waybills.tracking_number
    where {{ is_complaint('contacts.') }}
        and contacts.order_id is null
        and about_orders.complaint_id is null
        and waybills.tracking_number is null

)

select
    {{ logged('event_type', 'event_at', 'event_known_at', "'complaint'",
        'coalesce(' ~ complaint_number() ~ ', contact_id)', {
            'order_id': 'null', 'quantity': 'score', 'actor_id': 'actor_id',
            'detail_code': contact_detail()}) }}
from contacts
