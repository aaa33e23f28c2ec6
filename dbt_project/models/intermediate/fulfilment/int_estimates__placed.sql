{{ config(materialized='ephemeral') }}
-- One row per statement of when a parcel of a touched order is expected, beside the one before it.
with

estimates as (

    select
        told.*,
        coalesce(by_name.order_id, by_waybill.order_id) as parcel_order_id,
        coalesce(by_name.shipment_id, by_waybill.shipment_id) as parcel_id
    from {{ ref('stg_delivery_estimates') }} as told
    left join {{ ref('int_shipments__handed') }} as by_name
        on told.shipment_id = by_name.shipment_id
    left join {{ ref('int_shipments__handed') }} as by_waybill
        on told.tracking_number = by_waybill.tracking_number
        and coalesce(by_waybill.carrier, told.carrier) = told.carrier
        and by_name.shipment_id is null

)

select
    {% for column in lineage_columns() -%}
    {{ column }},
    {% endfor -%}
    parcel_order_id as order_id,
    parcel_id as shipment_id,
    stated_at,
    stated_known_at,
    expected_at,
    lag(expected_at) over (
        partition by parcel_id order by stated_at, record_key
    ) as earlier_expected_at
from estimates
where parcel_id is not null
