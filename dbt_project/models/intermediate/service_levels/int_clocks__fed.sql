{{ config(materialized='ephemeral') }}
-- One row per wait for the next file of a feed that is still going on or took longer than agreed.
with

files as (

    select
        events.*,
        schedules.expected_minutes,
        lead(events.occurred_at) over feed as next_at,
        lead(events.event_id) over feed as next_event_id
    from {{ ref('fct_entity_events') }} as events
    inner join {{ ref('feed_schedules') }} as schedules
        on events.source = schedules.source and events.detail_code = schedules.layout
    where events.event_type = 'FEED_RECEIVED'
    window feed as (
        partition by events.entity_id order by events.occurred_at, events.event_rank, events.event_id
    )

)

select
    'S37' as sla_code,
    'feed' as entity_type,
    entity_id,
    row_number() over (
        partition by entity_id order by occurred_at, event_rank, event_id
    ) as episode_number,
    cast(null as {{ type_text() }}) as order_id,
    detail_code as start_detail_code,
    occurred_at as started_at,
    event_id as start_event_id,
    next_at as ended_at,
    next_at as stopped_at,
    next_event_id as stop_event_id,
    cast(null as timestamp) as cancelled_at,
    cast(expected_minutes as bigint) as budget_minutes
from files
where next_at is null or next_at > {{ add_minutes('occurred_at', 'expected_minutes') }}
