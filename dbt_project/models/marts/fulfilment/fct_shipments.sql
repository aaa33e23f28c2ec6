{{ config(meta={'touched': 'orders'}) }}
{%- set told = [
    'CUSTOMER_REPORTED_NOT_RECEIVED', 'NOT_RECEIVED_RESOLVED', 'NOT_RECEIVED_WITHDRAWN'] %}
with

scans as (

    select
        shipment_id,
        min(case when event_type in ('TRACK_SCAN', 'DELIVERED') then occurred_at end)
            as first_scan_at,
        max(case when event_type in ('TRACK_SCAN', 'DELIVERED') then occurred_at end)
            as last_scan_at,
        min(case when event_type = 'DELIVERED' then occurred_at end) as delivered_at,
        count(*) filter (where event_type in ('TRACK_SCAN', 'DELIVERED')) as scan_count,
        {{ last_by("case event_type when 'DELIVERED' then 'DELIVERED' else detail_code end", [
            "event_type in ('TRACK_SCAN', 'DELIVERED') and detail_code <> 'PROOF_OF_DELIVERY'",
            'occurred_at', 'event_rank', 'event_id']) }} as last_state_code,
        {{ last_by('_place', [
            '_place is not null', 'occurred_at', 'event_rank', 'event_id']) }} as last_place,
        -- The buyer says that it did not come, and nobody settled it since.
        {{ last_by('event_type', [
            "event_type in ('" ~ told | join("', '") ~ "')", 'occurred_at', 'event_rank',
            'event_id']) }} = 'CUSTOMER_REPORTED_NOT_RECEIVED' as is_disputed,
        max({{ mark(logistics_code()) }}) as logistics_mark,
        count(*) filter (where event_type = 'DELIVERED') as delivery_count
    from {{ order_log() }}
    where shipment_id is not null
        and event_type in (
            'TRACK_SCAN', 'DELIVERED', 'HANDED_OVER', '{{ told | join("', '") }}')
    group by shipment_id

),

final as (

    select
        parcels.shipment_id,
        parcels.order_id,
        parcels.carrier,
        parcels.tracking_number,
        parcels.warehouse_id,
        parcels.supplier_id,
        case
            when scans.delivery_count > 0
                and {{ mark_code('scans.logistics_mark') }} not in (8, 9, 10) then 'DELIVERED'
            else case {{ mark_code('scans.logistics_mark') }}
                when 2 then 'COLLECTED' when 3 then 'IN_TRANSIT' when 4 then 'ARRIVED'
                when 5 then 'OUT_FOR_DELIVERY' when 6 then 'AT_PICKUP_POINT'
                when 7 then 'EXCEPTION' when 8 then 'RETURNING' when 9 then 'RETURNED'
                when 10 then 'LOST' when 11 then 'DELIVERED' else 'LABELLED'
            end
        end as logistics_status,
        case when scans.scan_count > 0 then scans.last_state_code end as last_state_code,
        scans.last_place,
        parcels.handed_over_at as shipped_at,
        scans.first_scan_at,
        scans.last_scan_at,
        scans.delivered_at,
        parcels.promised_at,
        estimates.expected_at,
        coalesce(scans.is_disputed, false) as is_disputed,
        coalesce(scans.scan_count, 0) as scan_count,
        cast(parcels.insured_amount as decimal(18, 4)) as insured_amount,
        parcels.insured_currency_code as currency_code
    from {{ ref('int_shipments__handed') }} as parcels
    left join scans on parcels.shipment_id = scans.shipment_id
    left join {{ ref('int_estimates__standing') }} as estimates
        on parcels.shipment_id = estimates.shipment_id

)

select * from final
