{{ config(materialized='ephemeral') }}
-- One row per stretch between two scans of a parcel on its way, and how long its stage may be silent.
with

scans as (

    select
        order_id,
        shipment_id,
        occurred_at,
        event_rank,
        event_id,
        case when event_type = 'DELIVERED' then 'DELIVERED' else detail_code end as norm_state,
        lead(occurred_at) over parcel as ended_at,
        lead(event_id) over parcel as end_event_id
    from {{ order_log() }}
    where shipment_id is not null and event_type in ('TRACK_SCAN', 'DELIVERED')
    window parcel as (partition by shipment_id order by occurred_at, event_rank, event_id)

),

-- What is said of a parcel that has arrived, come back or got lost is not waited for.
over as (

    select
        shipment_id,
        min(occurred_at) as over_at
    from scans
    where norm_state in ('DELIVERED', 'RETURNED', 'LOST')
    group by shipment_id

),

cancels as (

    select order_id, min(occurred_at) as cancelled_at
    from {{ order_log() }}
    where event_type in ('ORDER_CANCELLED', 'ORDER_COMPLETED')
    group by order_id

),

budgets as (

    select
        scans.*,
        cancels.cancelled_at,
        greatest(
            coalesce(
                of_carrier.budget_minutes, of_stage.budget_minutes, of_any.budget_minutes
            ),
            {{ threshold('silence_floor_minutes') }}
        ) as budget_minutes
    from scans
    left join over on scans.shipment_id = over.shipment_id
    left join cancels on scans.order_id = cancels.order_id
    left join {{ ref('int_shipments__handed') }} as parcels
        on scans.shipment_id = parcels.shipment_id
    left join {{ ref('sla_stage_budgets') }} as of_carrier
        on parcels.carrier = of_carrier.carrier and scans.norm_state = of_carrier.norm_state
    left join {{ ref('sla_stage_budgets') }} as of_stage
        on of_stage.carrier = '*' and scans.norm_state = of_stage.norm_state
    left join {{ ref('sla_stage_budgets') }} as of_any
        on of_any.carrier = '*' and of_any.norm_state = '*'
    where over.over_at is null or scans.occurred_at < over.over_at

),

kept as (

    select
        *,
        least(ended_at, case when cancelled_at >= occurred_at then cancelled_at end) as closed_at
    from budgets

)

select * from kept
