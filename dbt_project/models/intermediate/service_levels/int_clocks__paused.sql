{{ config(materialized='ephemeral') }}
-- One row per pause of an entity's clock. Overlapping holds are one pause: it lasts while at least
-- one hold is active; a release nobody applied for changes nothing. A state that pauses (`pause_while`)
-- is one pause however often it is reported, until another state is.
with

reported as (

    select
        *,
        lag(role) over (
            partition by sla_code, entity_id order by occurred_at, event_rank, event_id
        ) as last_role
    from {{ ref('int_clocks__marked') }}
    where role in ('pause', 'resume', 'pause_while', 'resume_while')

),

marks as (

    select
        *,
        case when role like 'pause%' then 1 else -1 end as change,
        row_number() over (
            partition by sla_code, entity_id order by occurred_at, event_rank, event_id
        ) as mark_number
    from reported
    where role in ('pause', 'resume') or role <> coalesce(last_role, 'resume_while')

),

summed as (

    select
        *,
        sum(change) over (
            partition by sla_code, entity_id order by mark_number
            rows between unbounded preceding and current row
        ) as level
    from marks

),

-- Levels are measured from the lowest so far, so that they never fall below nothing.
active as (

    select
        *,
        level - least(0, min(level) over (
            partition by sla_code, entity_id order by mark_number
            rows between unbounded preceding and current row
        )) as active_count
    from summed

),

turns as (

    select
        sla_code,
        entity_id,
        occurred_at,
        mark_number,
        active_count > 0 as is_paused,
        lag(active_count > 0) over (
            partition by sla_code, entity_id order by mark_number
        ) as was_paused
    from active

),

alternating as (

    select
        *,
        lead(occurred_at) over (
            partition by sla_code, entity_id order by mark_number
        ) as resumed_at
    from turns
    where is_paused <> coalesce(was_paused, false)

)

-- Nobody waits for ever for an answer: some pauses last so long at most.
select
    alternating.sla_code,
    alternating.entity_id,
    alternating.occurred_at as paused_at,
    case
        when policies.pause_most_minutes is null then alternating.resumed_at
        else least(
            coalesce(alternating.resumed_at,
                {{ add_minutes('alternating.occurred_at', 'policies.pause_most_minutes') }}),
            {{ add_minutes('alternating.occurred_at', 'policies.pause_most_minutes') }}
        )
    end as resumed_at
from alternating
inner join {{ ref('sla_policies') }} as policies on alternating.sla_code = policies.sla_code
where alternating.is_paused
