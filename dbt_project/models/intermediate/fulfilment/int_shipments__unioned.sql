{{ config(materialized='ephemeral') }}
{%- set said = ['tracking_number', 'carrier', 'warehouse_id', 'supplier_id', 'insured_amount'] %}
with

-- The same parcel may be stated twice within an order: one waybill is one parcel.
parcels as (

    select
        order_id,
        coalesce(tracking_number, shipment_id) as parcel_key,
        min(shipment_id) as shipment_id,
        {% for column in said -%}
        max({{ column }}) as {{ column }},
        {% endfor -%}
        max(case when insured_amount is not null then currency_code end) as insured_currency_code,
        {% for moment in ['shipped', 'shipped_known', 'delivered', 'delivered_known', 'promised'] -%}
        min({{ moment }}_at) as {{ moment }}_at,
        {% endfor -%}
        {% for known, moment in [('', 'observed_at'), ('_known', 'ingested_at')] -%}
        min(case when shipment_status in ('shipped', 'delivered') then {{ moment }} end)
            as said_shipped{{ known }}_at,
        {% endfor -%}
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
        {% for column in said -%}
        max({{ column }}) as {{ column }},
        {% endfor -%}
        max(insured_currency_code) as insured_currency_code,
        min(handed_over_at) as handed_over_at,
        sum(quantity) as quantity,
        {{ first_by('known_at', ['record_key']) }} as known_at,
        {{ lineage_by('record_key') }}
    from handovers
    group by order_id, shipment_id

),

final as (

    select
        {% for column in ['order_id', 'shipment_id', 'tracking_number', 'carrier'] -%}
        coalesce(parcels.{{ column }}, stated.{{ column }}) as {{ column }},
        {% endfor -%}
        {% for column in ['warehouse_id', 'supplier_id', 'insured_currency_code'] -%}
        coalesce(stated.{{ column }}, parcels.{{ column }}) as {{ column }},
        {% endfor -%}
        greatest(parcels.insured_amount, stated.insured_amount) as insured_amount,
        least(parcels.shipped_at, stated.handed_over_at) as stated_shipped_at,
        coalesce(parcels.shipped_at <= stated.handed_over_at, stated.handed_over_at is null)
            as is_by_channel,
        {% for column in ['shipped_known_at', 'said_shipped_at', 'said_shipped_known_at',
            'delivered_at', 'delivered_known_at', 'promised_at'] -%}
        parcels.{{ column }},
        {% endfor -%}
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
