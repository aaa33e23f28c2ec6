{{ config(materialized='ephemeral') }}
-- One row per episode of a clock of a touched order: from a start to the first event that ends it.
-- A start while the clock runs does not start it again.
with

marks as (

    select * from {{ ref('int_clocks__marked') }}

),

turns as (

    select
        *,
        role like 'start%' as is_start,
        lag(role like 'start%') over (
            partition by sla_code, entity_id order by occurred_at, event_rank, event_id
        ) as was_start
    from marks
    where role in ('start', 'start_alone', 'stop', 'cancel')

),

alternating as (

    select
        *,
        lead(role) over entity as end_role,
        lead(occurred_at) over entity as ended_at,
        lead(event_id) over entity as end_event_id
    from turns
    where is_start <> coalesce(was_start, false)
    window entity as (
        partition by sla_code, entity_id order by occurred_at, event_rank, event_id
    )

),

episodes as (

    select *, row_number() over (
        partition by sla_code, entity_id order by occurred_at, event_rank, event_id
    ) as episode_number
    from alternating
    where is_start

),

-- Where several things are needed, the clock stops at the last of them.
needed as (

    select
        episodes.sla_code,
        episodes.entity_id,
        episodes.episode_number,
        marks.event_type,
        min(marks.occurred_at) as met_at,
        {{ first_by('marks.event_id', ['marks.occurred_at', 'marks.event_id']) }} as event_id
    from episodes
    inner join marks
        on marks.role = 'need'
        and episodes.sla_code = marks.sla_code
        and episodes.entity_id = marks.entity_id
        and marks.occurred_at >= episodes.occurred_at
        and (episodes.ended_at is null or marks.occurred_at <= episodes.ended_at)
    group by episodes.sla_code, episodes.entity_id, episodes.episode_number, marks.event_type

),

met as (

    select
        sla_code,
        entity_id,
        episode_number,
        count(*) as met_count,
        max(met_at) as met_at,
        {{ last_by('event_id', ['met_at', 'event_id']) }} as event_id
    from needed
    group by sla_code, entity_id, episode_number

),

final as (

    select
        episodes.sla_code,
        episodes.entity_type,
        episodes.entity_id,
        episodes.episode_number,
        episodes.order_id,
        episodes.detail_code as start_detail_code,
        episodes.occurred_at as started_at,
        episodes.event_id as start_event_id,
        episodes.ended_at,
        case
            when met.met_count >= policies.needed_count then met.met_at
            when episodes.end_role = 'stop' then episodes.ended_at
        end as stopped_at,
        case
            when met.met_count >= policies.needed_count then met.event_id
            when episodes.end_role = 'stop' then episodes.end_event_id
        end as stop_event_id,
        case
            when met.met_count >= policies.needed_count then null
            when episodes.end_role = 'cancel' then episodes.ended_at
        end as cancelled_at
    from episodes
    inner join {{ ref('sla_policies') }} as policies on episodes.sla_code = policies.sla_code
    left join met
        on episodes.sla_code = met.sla_code
        and episodes.entity_id = met.entity_id
        and episodes.episode_number = met.episode_number
        and policies.needed_count > 0

)

select * from final
