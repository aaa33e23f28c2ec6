-- When orders ended: confirmed or completed by their word; closed by the channel, once what was sent had
-- arrived or was paid back; or delivered whole, with no case open, for as long as buyers may take to
-- confirm. A channel that archives what it shipped says nothing of its arrival.
{%- set patience = threshold('completion_minutes') %}
with

parcels as (

    select
        handed.order_id,
        count(distinct handed.shipment_id) as parcel_count,
        count(distinct case when scans.is_delivery then handed.shipment_id end) as arrived_count,
        count(scans.event_at) > 0 as is_tracked,
        count(*) filter (where handed.is_complete) > 0 as is_sent_whole,
        max(handed.handed_over_at) as last_left_at,
        max(case when scans.is_delivery then scans.event_at end) as last_arrived_at,
        max(greatest(handed.handed_over_known_at, case when scans.is_delivery
            then scans.event_known_at end)) as known_at
    from {{ ref('int_shipments__handed') }} as handed
    left join {{ ref('int_shipments__delivered') }} as scans
        on handed.shipment_id = scans.shipment_id
    where handed.handed_over_at is not null
    group by handed.order_id

),

paid_back as (

    select order_id, sum(amount) as amount, max(refunded_at) as refunded_at
    from {{ ref('stg_refunds') }}
    where {{ touched('order_id') }} and refund_status = 'succeeded'
    group by order_id

),

known as (

    select
        orders.*,
        parcels.known_at,
        parcels.last_left_at,
        parcels.last_arrived_at,
        cases.closed_at as case_closed_at,
        coalesce(cases.open_count, 0) <= 0 as has_no_case,
        coalesce(parcels.arrived_count = parcels.parcel_count, false) as has_arrived,
        coalesce(parcels.is_sent_whole, false) as is_sent_whole,
        coalesce(parcels.is_tracked, false) as is_tracked,
        greatest(timed.refunded_at, paid_back.refunded_at) as paid_back_at,
        coalesce(
            paid_back.amount >= orders.owed_amount - {{ var('payment_tolerance') }}, false
        ) as is_paid_back
    from {{ ref('int_orders__priced') }} as orders
    left join parcels on orders.order_id = parcels.order_id
    left join paid_back on orders.order_id = paid_back.order_id
    left join {{ ref('int_cases__counted') }} as cases on orders.order_id = cases.order_id
    left join {{ ref('int_refunds__timed') }} as timed on orders.order_id = timed.order_id
    -- What is cancelled is archived too; that does not complete it.
    where orders.cancelled_at is null or orders.completed_at is not null

),

sorted as (

    select
        *,
        case
            when completed_at is not null then 'stated'
            when closed_at is not null and is_paid_back
                and (not has_arrived or paid_back_at < last_arrived_at) then 'closed'
            when closed_at is not null and (has_arrived or last_left_at is null) then 'stated'
            -- Of a parcel nobody follows no more will be heard; one that is followed has to arrive.
            when (closed_at is not null and not is_tracked) or (
                has_arrived and is_sent_whole and has_no_case and not is_final_on_arrival
            ) then 'auto'
        end as way
    from known

),

ended as (

    select
        *,
        case way
            when 'stated' then coalesce(completed_at, greatest(closed_at, last_arrived_at))
            when 'closed' then greatest(closed_at, paid_back_at)
            else greatest(closed_at, case_closed_at, {{ add_minutes(
                'coalesce(last_arrived_at, last_left_at)', patience) }})
        end as ended_at
    from sorted

)

select
    order_id,
    way,
    ended_at,
    case when way = 'stated' then coalesce(completed_known_at, greatest(closed_known_at, known_at))
        else greatest(placed_known_at, closed_known_at, known_at, ended_at) end as ended_known_at
from ended
where way in ('stated', 'closed')
    or (way = 'auto' and ended_at <= {{ told_until(build_window().to_seq) }})
