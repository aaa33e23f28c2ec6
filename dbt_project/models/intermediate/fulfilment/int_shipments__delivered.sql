{{ config(materialized='ephemeral') }}
-- One row per scan of a parcel, with what it means. The first that says delivered is the delivery;
-- a parcel delivered by the channel's word alone has one row made from that word.
with

parcels as (

    select * from {{ ref('int_shipments__handed') }}

),

scans as (

    select
        parcels.order_id,
        parcels.shipment_id,
        parcels.quantity,
        parcels.delivered_at as stated_delivered_at,
        scans.event_at,
        scans.event_known_at,
        scans.place,
        coalesce(of_carrier.norm_state, of_source.norm_state, of_any.norm_state, 'UNKNOWN')
            as norm_state,
        coalesce(of_carrier.signed_code, of_source.signed_code, of_any.signed_code) as signed_code,
        {%- for column in lineage_columns() %}
        scans.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from parcels
    inner join {{ ref('stg_tracking_events') }} as scans
        on parcels.tracking_number = scans.tracking_number
    left join {{ ref('int_scans__explained') }} as of_carrier
        on scans.carrier = of_carrier.carrier and scans.code_raw = of_carrier.code_raw
    left join {{ ref('int_scans__explained') }} as of_source
        on scans.source = of_source.source and scans.code_raw = of_source.code_raw
    left join {{ ref('int_scans__explained') }} as of_any
        on of_any.carrier = '*' and of_any.source = '*' and scans.code_raw = of_any.code_raw
    where coalesce(parcels.carrier, scans.carrier) = scans.carrier

),

first_deliveries as (

    select
        shipment_id,
        min(event_at) as delivered_at,
        {{ first_by('record_key', ['event_at', 'record_key']) }} as record_key
    from scans
    where norm_state = 'DELIVERED'
    group by shipment_id

),

final as (

    select
        scans.*,
        first_deliveries.record_key is not null
            and coalesce(scans.stated_delivered_at >= first_deliveries.delivered_at, true)
            as is_delivery
    from scans
    left join first_deliveries
        on scans.shipment_id = first_deliveries.shipment_id
        and scans.record_key = first_deliveries.record_key
    union all
    select
        parcels.order_id,
        parcels.shipment_id,
        parcels.quantity,
        parcels.delivered_at as stated_delivered_at,
        parcels.delivered_at as event_at,
        parcels.delivered_known_at as event_known_at,
        cast(null as {{ type_text() }}) as place,
        'DELIVERED' as norm_state,
        cast(null as {{ type_text() }}) as signed_code,
        {%- for column in lineage_columns() %}
        parcels.{{ column }},
        {%- endfor %}
        true as is_delivery
    from parcels
    left join first_deliveries on parcels.shipment_id = first_deliveries.shipment_id
    where parcels.delivered_at is not null
        and (
            first_deliveries.delivered_at is null
            or parcels.delivered_at < first_deliveries.delivered_at
        )

)

select * from final
