{{ config(materialized='ephemeral') }}
-- One row per statement that goods of an order were shipped, returned or taken out, with the line
-- where the source names one of ours, else with the sku.
with

statements as (

    select 'shipped' as move, lines.order_id, lines.line_id, lines.sku, lines.quantity
    from {{ ref('stg_shipment_lines') }} as lines
    where {{ touched('lines.order_id') }}
    union all
    select 'shipped' as move, events.order_id, events.line_id, events.sku, events.quantity
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
        quantity
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
        statements.quantity
    from statements
    left join {{ ref('stg_order_lines') }} as lines
        on statements.line_id = lines.line_id and statements.order_id = lines.order_id

)

select * from final
