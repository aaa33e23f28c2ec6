{{ config(meta={'touched': 'orders'}) }}
-- The way of an order: a milestone counts at its first moment; hops between neighbours add up to
-- the time from the first to the last.
with

reached as (

    select
        events.order_id,
        milestones.milestone_code,
        max(milestones.waits_for) as waits_for,
        bool_or(milestones.is_work) as is_work,
        bool_or(milestones.is_repeat_told) as is_repeat_told,
        min(events.occurred_at) as reached_at,
        min(events.event_rank) as event_rank,
        max(events.warehouse_id) as warehouse_id,
        count(distinct events.occurred_at) as occurrence_count
    from {{ order_log() }} as events
    inner join {{ ref('milestones') }} as milestones on events.event_type = milestones.event_type
    -- A label is paper: the carrier has not seen the parcel yet.
    where not (events.event_type = 'TRACK_SCAN' and coalesce(events.detail_code, '') = 'LABELLED')
    group by events.order_id, milestones.milestone_code

),

numbered as (

    select
        reached.*,
        orders.channel,
        orders.shop_id,
        {{ reporting_date('orders.placed_at') }} as placed_date,
        {{ minutes_between("timestamp '1970-01-01 00:00:00'", 'reached.reached_at') }}
            as reached_minute,
        row_number() over (
            partition by reached.order_id
            order by reached.reached_at, reached.event_rank, reached.milestone_code
        ) as milestone_number,
        milestone_code || case when is_repeat_told and occurrence_count > 1 then '+' else '' end
            as told_code
    from reached
    inner join {{ ref('int_orders__priced') }} as orders on reached.order_id = orders.order_id

),

variants as (

    select
        order_id,
        {{ joined_text('told_code', '>', 'milestone_number') }} as variant_code,
        max(milestone_number) as last_number,
        max(warehouse_id) as warehouse_id
    from numbered
    group by order_id

),

stepped as (

    select
        numbered.*,
        lag(milestone_code) over (
            partition by order_id order by milestone_number
        ) as from_milestone_code,
        lag(reached_minute) over (
            partition by order_id order by milestone_number
        ) as from_minute
    from numbered

),

final as (

    select
        stepped.order_id,
        cast(stepped.milestone_number as bigint) as milestone_number,
        stepped.milestone_code,
        stepped.from_milestone_code,
        stepped.reached_at,
        cast(stepped.reached_minute - stepped.from_minute as bigint) as waited_minutes,
        cast(stepped.occurrence_count as bigint) as occurrence_count,
        stepped.waits_for,
        stepped.is_work,
        stepped.milestone_number = variants.last_number as is_last,
        variants.variant_code,
        stepped.channel,
        stepped.shop_id,
        variants.warehouse_id,
        stepped.placed_date
    from stepped
    inner join variants on stepped.order_id = variants.order_id

)

select * from final
