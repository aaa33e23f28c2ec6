with

shipments as (

    select * from {{ ref('int_shipments__unioned') }}

),

-- A parcel the carrier has collected has left, whoever forgot to say so.
first_scans as (

    select
        shipments.shipment_id,
        min(scans.event_at) as scanned_at,
        min(scans.event_known_at) as scanned_known_at
    from shipments
    inner join {{ ref('stg_tracking_events') }} as scans
        on shipments.tracking_number = scans.tracking_number
        and coalesce(shipments.carrier, scans.carrier) = scans.carrier
    inner join {{ ref('int_scans__explained') }} as states
        on scans.code_raw = states.code_raw
        and states.carrier in (scans.carrier, '*')
        and states.source in (scans.source, '*')
        and states.norm_state <> 'LABELLED'
    where shipments.stated_shipped_at is null
    group by shipments.shipment_id

),

timed as (

    select
        shipments.*,
        coalesce(shipments.stated_shipped_at, first_scans.scanned_at, shipments.said_shipped_at)
            as handed_over_at,
        case
            when shipments.stated_shipped_at is null
                then coalesce(first_scans.scanned_known_at, shipments.said_shipped_known_at)
            when shipments.is_by_channel then shipments.shipped_known_at
            else shipments.stated_known_at
        end as handed_over_known_at,
        {% for column in lineage_columns() -%}
        case when shipments.stated_record_key is null
            or (shipments.is_by_channel and shipments.parcel_record_key is not null)
            then shipments.parcel_{{ column }} else shipments.stated_{{ column }} end
            as {{ column }},
        {% endfor -%}
        coalesce(orders.ordered_quantity - orders.partly_cancelled_quantity, 0) as open_quantity
    from shipments
    left join first_scans on shipments.shipment_id = first_scans.shipment_id
    left join {{ ref('int_orders__priced') }} as orders on shipments.order_id = orders.order_id

),

stated as (

    select
        order_id,
        sum(stated_quantity) as stated_quantity,
        min(case when stated_quantity is null then shipment_key end) as first_unstated_key
    from (
        select
            order_id,
            stated_quantity,
            cast({{ epoch_us('handed_over_at') }} as {{ type_text() }}) || '|' || shipment_id as shipment_key
        from timed
        where handed_over_at is not null
    ) as keyed
    group by order_id

),

-- Without a stated quantity the first parcel takes what no other parcel claims: never twice.
filled as (

    select
        timed.*,
        cast(case
            when timed.handed_over_at is null then null
            when timed.stated_quantity is not null then timed.stated_quantity
            when cast({{ epoch_us('timed.handed_over_at') }} as {{ type_text() }}) || '|' || timed.shipment_id
                = stated.first_unstated_key
                then greatest(timed.open_quantity - coalesce(stated.stated_quantity, 0), 0)
            else 0
        end as decimal(18, 4)) as quantity
    from timed
    left join stated on timed.order_id = stated.order_id

),

final as (

    select
        {% for column in [
            'order_id', 'shipment_id', 'tracking_number', 'carrier', 'warehouse_id', 'supplier_id',
            'handed_over_at', 'handed_over_known_at', 'delivered_at', 'delivered_known_at',
            'promised_at', 'quantity', 'stated_quantity', 'insured_amount',
            'insured_currency_code'] + lineage_columns() -%}
        {{ column }},
        {% endfor -%}
        coalesce(sum(quantity) over (
            partition by order_id order by handed_over_at nulls last, shipment_id
            rows between unbounded preceding and current row
        ), 0) >= open_quantity as is_complete
    from filled

)

select * from final
