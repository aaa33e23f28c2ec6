{{ config(materialized='ephemeral') }}
-- One row per statement that goods of an order were shipped, returned or taken out, with the line
-- where the source names one of ours, else with the sku.
with

statements as (

    select
        'shipped' as move,
        lines.order_id,
        lines.line_id,
        lines.sku,
        lines.quantity,
        -- A content that says no time of its own left with its parcel.
        coalesce(
            lines.shipped_at, parcels.shipped_at, lines.observed_at, lines.moved_known_at
        ) as occurred_at,
        lines.moved_known_at as ingested_at
    from {{ ref('stg_shipment_lines') }} as lines
    left join {{ ref('stg_shipments') }} as parcels on lines.shipment_id = parcels.shipment_id
    where {{ touched('lines.order_id') }}
    union all
    select
        'shipped' as move,
        events.order_id,
        events.line_id,
        events.sku,
        events.quantity,
        events.event_at as occurred_at,
        events.event_known_at as ingested_at
    from {{ ref('stg_fulfilment_events') }} as events
    where events.event_code in ('handed_over', 'supplier_shipped')
        and events.quantity is not null
        and {{ touched('events.order_id') }}
        and not exists (
            select 1 from {{ ref('stg_shipment_lines') }} as lines
            where lines.order_id = events.order_id
        )
    union all
    select
        case
            when event_type = 'REFUND_SUCCEEDED' and detail_code = 'cancel' then 'cancelled'
            else 'returned'
        end as move,
        order_id,
        line_id,
        sku,
        quantity,
        occurred_at,
        ingested_at
    from {{ order_log() }}
    where quantity is not null
        and (
            event_type = 'RETURN_RECEIVED'
            or (event_type = 'REFUND_SUCCEEDED' and detail_code = 'cancel')
            or (event_type = 'REFUND_SUCCEEDED' and detail_code = 'return' and case_id is null)
        )

),

final as (

    select
        statements.move,
        statements.order_id,
        lines.line_id,
        statements.sku,
        statements.quantity,
        statements.occurred_at,
        statements.ingested_at
    from statements
    left join {{ ref('stg_order_lines') }} as lines
        on statements.line_id = lines.line_id and statements.order_id = lines.order_id

)

select * from final
