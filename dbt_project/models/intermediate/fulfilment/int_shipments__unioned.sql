{{ config(materialized='ephemeral') }}
with

-- The same parcel may be stated twice within an order: one waybill is one parcel.
parcels as (

    select
        order_id,
        coalesce(tracking_number, shipment_id) as parcel_key,
        min(shipment_id) as shipment_id,
        {% for column in ['tracking_number', 'carrier', 'warehouse_id', 'supplier_id'] -%}
        max({{ column }}) as {{ column }},
        {% endfor -%}
        min(shipped_at) as shipped_at,
        min(shipped_known_at) as shipped_known_at,
        min(delivered_at) as delivered_at,
        min(delivered_known_at) as delivered_known_at,
        min(promised_at) as promised_at,
        min(case when shipment_status in ('shipped', 'delivered') then observed_at end)
            as said_shipped_at,
        min(case when shipment_status in ('shipped', 'delivered') then ingested_at end)
            as said_shipped_known_at,
        {{ lineage_by('record_key') }}
    from {{ ref('stg_shipments') }}
    where {{ touched('order_id') }} and coalesce(shipment_status, '') <> 'cancelled'
    group by order_id, coalesce(tracking_number, shipment_id)

),

contents as (

    select parcels.shipment_id, sum(lines.quantity) as quantity
    from {{ ref('stg_shipment_lines') }} as lines
    inner join {{ ref('stg_shipments') }} as shipments on lines.shipment_id = shipments.shipment_id
    inner join parcels
        on shipments.order_id = parcels.order_id
        and coalesce(shipments.tracking_number, shipments.shipment_id) = parcels.parcel_key
    where {{ touched('lines.order_id') }}
    group by parcels.shipment_id

),

places as (

    select
        order_id,
        min(case when tracking_number is null then shipment_id end) as untracked_shipment_id,
        {{ first_by('shipment_id', ['shipped_at is null', 'shipped_at', 'shipment_id']) }}
            as first_shipment_id
    from parcels
    group by order_id

),

-- Handovers and labels of the warehouse, each at the parcel it speaks of.
handovers as (

    select
        events.*,
        coalesce(
            parcels.shipment_id,
            case when events.tracking_number is null
                then places.first_shipment_id else places.untracked_shipment_id end,
            events.order_id || '-' || coalesce(events.tracking_number, 'parcel')
        ) as shipment_id
    from {{ ref('int_handovers__grouped') }} as events
    left join parcels
        on events.order_id = parcels.order_id and events.tracking_number = parcels.tracking_number
    left join places on events.order_id = places.order_id

),

stated as (

    select
        order_id,
        shipment_id,
        {% for column in ['tracking_number', 'carrier', 'warehouse_id', 'supplier_id'] -%}
        max({{ column }}) as {{ column }},
        {% endfor -%}
        min(handed_over_at) as handed_over_at,
        sum(quantity) as quantity,
        {{ first_by('known_at', ['record_key']) }} as known_at,
        {{ lineage_by('record_key') }}
    from handovers
    group by order_id, shipment_id

),

final as (

    select
        coalesce(parcels.order_id, stated.order_id) as order_id,
        coalesce(parcels.shipment_id, stated.shipment_id) as shipment_id,
        coalesce(parcels.tracking_number, stated.tracking_number) as tracking_number,
        coalesce(parcels.carrier, stated.carrier) as carrier,
        coalesce(stated.warehouse_id, parcels.warehouse_id) as warehouse_id,
        coalesce(stated.supplier_id, parcels.supplier_id) as supplier_id,
        least(parcels.shipped_at, stated.handed_over_at) as stated_shipped_at,
        coalesce(parcels.shipped_at <= stated.handed_over_at, stated.handed_over_at is null)
            as is_by_channel,
        parcels.shipped_known_at,
        parcels.said_shipped_at,
        parcels.said_shipped_known_at,
        parcels.delivered_at,
        parcels.delivered_known_at,
        parcels.promised_at,
        coalesce(contents.quantity, stated.quantity) as stated_quantity,
        {% for column in lineage_columns() -%}
        parcels.{{ column }} as parcel_{{ column }},
        stated.{{ column }} as stated_{{ column }},
        {% endfor -%}
        stated.known_at as stated_known_at
    from parcels
    full outer join stated on parcels.shipment_id = stated.shipment_id
    left join contents on parcels.shipment_id = contents.shipment_id

)

select * from final
