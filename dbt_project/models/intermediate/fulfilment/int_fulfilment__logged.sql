{{ config(materialized='ephemeral') }}
-- Events of the warehouse, the carrier and those who speak with customers about parcels.
with

steps as (

    select
        events.*,
        types.event_type,
        -- In a promotion an unpaid order holds its stock for a shorter time.
        case when types.event_type = 'STOCK_RESERVED' and events.reason = 'soft'
            and campaigns.campaign_code is not null then 'soft_promo' else events.reason end
            as detail_code
    from {{ ref('stg_fulfilment_events') }} as events
    inner join {{ ref('event_codes') }} as types
        on types.record_stream = 'fulfilment_events' and events.event_code = types.record_code
    left join {{ ref('campaigns') }} as campaigns
        on events.event_at >= campaigns.starts_at and events.event_at < campaigns.ends_at
    where {{ touched('events.order_id') }}

),

parcels as (

    select * from {{ ref('int_shipments__handed') }}

),

deliveries as (

    select * from {{ ref('int_shipments__delivered') }}

)

select
    {{ logged('event_type', 'event_at', 'event_known_at', "'order'", 'order_id', {
        'line_id': 'line_id', 'sku': 'sku', 'warehouse_id': 'warehouse_id',
        'actor_type': "'staff'", 'actor_id': 'actor_id', 'quantity': 'quantity',
        'detail_code': 'detail_code'}) }}
from steps
union all
select
    {{ logged("'HANDED_OVER'", 'handed_over_at', 'handed_over_known_at', "'shipment'",
        'shipment_id', {
            'shipment_id': 'shipment_id', 'warehouse_id': 'warehouse_id', 'quantity': 'quantity',
            'detail_code': "case when is_complete then 'FULL' else 'PART' end"}) }}
from parcels
where handed_over_at is not null
union all
select
    {{ logged("case when is_delivery then 'DELIVERED' else 'TRACK_SCAN' end",
        'event_at', 'event_known_at', "'shipment'", 'shipment_id', {
            'shipment_id': 'shipment_id', 'actor_type': "'carrier'", 'place': 'place',
            'quantity': 'quantity',
            'detail_code': "case when is_delivery then coalesce(signed_code, norm_state)
                else norm_state end"}) }}
from deliveries
union all
select
    {{ logged("'ETA_CHANGED'", 'stated_at', 'stated_known_at', "'shipment'", 'shipment_id', {
        'shipment_id': 'shipment_id', 'actor_type': "'carrier'",
        'detail_code': "case when expected_at > earlier_expected_at then 'later'
            else 'earlier' end"}) }}
from {{ ref('int_estimates__placed') }}
where expected_at <> earlier_expected_at
