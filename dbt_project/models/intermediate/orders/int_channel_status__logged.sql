{{ config(materialized='ephemeral') }}
-- What channels showed of the touched orders. A waybill we know is the channel's record of that
-- parcel; one we do not know says no more than the order's state.
with

parcels as (

    select order_id, shipment_id, tracking_number
    from {{ ref('int_shipments__handed') }}

),

seen as (

    select
        observations.*,
        coalesce(states.state_code, 'UNKNOWN') as state_code,
        coalesce(by_waybill.shipment_id, by_name.shipment_id) as parcel_id
    from {{ ref('stg_channel_status') }} as observations
    left join {{ ref('int_channel_status__explained') }} as states
        on observations.channel = states.channel and observations.status_raw = states.status_raw
    left join parcels as by_waybill
        on observations.order_id = by_waybill.order_id
        and observations.tracking_number = by_waybill.tracking_number
    left join parcels as by_name
        on observations.order_id = by_name.order_id
        and observations.shipment_id = by_name.shipment_id
        and observations.tracking_number is null
    where {{ touched('observations.order_id') }}

)

select
    {{ logged(
        "case when parcel_id is not null and state_code = 'SHIPPED' and tracking_number is not null
            then 'SHIP_CONFIRMED_TO_CHANNEL' else 'CHANNEL_STATUS_SEEN' end",
        'seen_at', 'seen_known_at', "'order'", 'order_id', {
            'shipment_id': 'parcel_id', 'amount': 'payable_amount',
            'currency_code': 'currency_code', 'actor_type': "'platform'",
            'detail_code': 'state_code'}) }}
from seen
