{{ config(meta={'touched': 'skus'}) }}
with

purchases as (

    select
        purchase_line_id as inbound_id,
        purchase_status as inbound_type,
        sku,
        warehouse_id,
        supplier_id,
        ordered_quantity - coalesce(received_quantity, 0) as quantity,
        ordered_at as started_at,
        due_at
    from {{ ref('stg_purchase_orders') }}
    where purchase_status not in ('received', 'cancelled') and {{ touched('sku', 'skus') }}

),

-- A transfer is under way until as much has arrived as has left.
transfers as (

    select
        'transfer|' || reference || '|' || sku as inbound_id,
        'transfer' as inbound_type,
        sku,
        max(case when movement_type = 'transfer_out' then to_warehouse_id end) as warehouse_id,
        cast(null as {{ type_text() }}) as supplier_id,
        -sum(quantity) as quantity,
        min(moved_at) as started_at,
        cast(null as timestamp) as due_at
    from {{ ref('int_stock__moved') }}
    where movement_type in ('transfer_out', 'transfer_in') and reference is not null and is_counted
    group by reference, sku

),

returns as (

    select
        'return|' || events.case_id || '|' || events.sku as inbound_id,
        'return' as inbound_type,
        events.sku,
        max(places.warehouse_id) as warehouse_id,
        cast(null as {{ type_text() }}) as supplier_id,
        coalesce(max(case when events.event_type = 'RETURN_SHIPPED' then events.quantity end), 0)
            - coalesce(max(case when events.event_type = 'RETURN_RECEIVED'
                then events.quantity end), 0) as quantity,
        min(events.occurred_at) as started_at,
        cast(null as timestamp) as due_at
    from {{ ref('fct_order_events') }} as events
    inner join {{ ref('fct_stock_reservations') }} as places
        on events.order_id = places.order_id and events.sku = places.sku
    where events.event_type in ('RETURN_SHIPPED', 'RETURN_RECEIVED')
        and {{ touched('events.sku', 'skus') }}
    group by events.case_id, events.sku

),

coming as (

    select * from purchases
    union all
    select * from transfers
    union all
    select * from returns

),

final as (

    select
        coming.inbound_id,
        coming.inbound_type,
        coming.sku,
        coming.warehouse_id,
        coming.supplier_id,
        cast(coming.quantity as decimal(18, 4)) as quantity,
        cast(coming.quantity * reliability.reliability_ratio
            * case coming.inbound_type when 'return' then {{ stock_policy('restock_ratio') }}
                else 1 end as decimal(18, 4)) as expected_quantity,
        coming.started_at,
        coming.due_at
    from coming
    inner join {{ ref('inbound_reliability') }} as reliability
        on coming.inbound_type = reliability.inbound_type
    {{ join_stock_policies('coming') }}
    where coming.quantity > 0 and coming.warehouse_id is not null

)

select * from final
