-- One row per touched order, source and state it was in, with from when to when. Within a source the
-- furthest state counts: an older word that comes later takes nothing back. Of several parcels the
-- carrier has delivered when none of them is on its way any more.
with

orders as (

    select order_id, placed_at, is_cod, reports_fulfilment, reports_payments
    from {{ ref('int_orders__priced') }}

),

-- All money is back since the last refund.
paid_back as (

    select events.order_id, max(events.occurred_at) as refunded_at
    from {{ order_log() }} as events
    inner join {{ ref('int_orders__folded') }} as folded on events.order_id = folded.order_id
    where events.event_type = 'REFUND_SUCCEEDED' and folded.payment_status = 'REFUNDED'
    group by events.order_id

),

-- When the last of several parcels ended; none while one of them is on its way.
several_parcels as (

    select
        events.order_id,
        max(case when folded.logistics_status in ('DELIVERED', 'RETURNED', 'LOST')
            then events.occurred_at end) as ended_at
    from {{ order_log() }} as events
    inner join {{ ref('int_orders__folded') }} as folded on events.order_id = folded.order_id
    where folded.shipment_count > 1
        and (events.event_type = 'DELIVERED'
            or (events.event_type = 'TRACK_SCAN' and events.detail_code in ('RETURNED', 'LOST')))
    group by events.order_id

),

told as (

    select
        events.order_id,
        states.source_code,
        states.state_code,
        states.state_rank,
        case when states.source_code = 'carrier' and states.state_code in ('DELIVERED', 'RETURNED')
            and parcels.order_id is not null
            then parcels.ended_at else events.occurred_at end as occurred_at
    from {{ order_log() }} as events
    inner join {{ ref('source_states') }} as states
        on events.event_type = states.event_type
        and states.detail_code in ('*', events.detail_code)
    left join several_parcels as parcels on events.order_id = parcels.order_id
    union all
    select order_id, 'wms' as source_code, 'SHIPPED' as state_code, 5 as state_rank, handed_over_at
    from {{ ref('int_handovers__grouped') }}
    where handed_over_at is not null
    union all
    select order_id, 'finance' as source_code, 'REFUNDED' as state_code, 4 as state_rank, refunded_at
    from paid_back

),

-- Before the first word: nothing is known to have happened.
begun as (

    select order_id, 'wms' as source_code, 'NONE' as state_code, placed_at from orders
    union all
    select order_id, 'carrier' as source_code, 'NONE' as state_code, placed_at from orders
    union all
    select order_id, 'finance' as source_code, 'UNPAID' as state_code, placed_at
    from orders
    where not is_cod

),

firsts as (

    select order_id, source_code, state_code, state_rank, min(occurred_at) as from_at
    from told
    where occurred_at is not null
    group by order_id, source_code, state_code, state_rank
    union all
    select order_id, source_code, state_code, 0 as state_rank, placed_at as from_at
    from begun

),

ranked as (

    select
        firsts.*,
        max(firsts.state_rank) over (
            partition by firsts.order_id, firsts.source_code
            order by firsts.from_at, firsts.state_rank
            rows between unbounded preceding and 1 preceding
        ) as earlier_rank
    from firsts
    inner join orders on firsts.order_id = orders.order_id
    where (firsts.source_code <> 'wms' or orders.reports_fulfilment)
        and (firsts.source_code <> 'finance' or orders.reports_payments)

),

spanned as (

    select
        order_id,
        source_code,
        state_code,
        from_at,
        lead(from_at) over (partition by order_id, source_code order by state_rank) as to_at
    from ranked
    where earlier_rank is null or state_rank > earlier_rank

)

select * from spanned
where to_at is null or to_at > from_at
