{{ config(materialized='ephemeral') }}
-- Claims against carriers in the shape of the order log, each at the parcel it is about.
select
    {{ logged('types.event_type', 'claims.event_at', 'claims.event_known_at', "'claim'",
        'claims.claim_id', {
            'order_id': 'parcels.order_id', 'shipment_id': 'parcels.shipment_id',
            'amount': 'claims.amount', 'currency_code': 'claims.currency_code',
            'detail_code': 'claims.claim_step'}, relation='claims') }}
from {{ ref('stg_carrier_claims') }} as claims
inner join {{ ref('event_codes') }} as types
    on types.record_stream = 'carrier_claims' and claims.claim_step = types.record_code
inner join {{ ref('int_shipments__handed') }} as parcels
    on claims.tracking_number = parcels.tracking_number and claims.carrier = parcels.carrier
