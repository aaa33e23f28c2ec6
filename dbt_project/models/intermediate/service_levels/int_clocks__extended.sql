{{ config(materialized='ephemeral') }}
-- One row per episode of a clock that somebody gave longer: the minutes that were added, and how far
-- from its start it reaches if each time was given when the one before was over.
{%- set columns = 'sla_code, entity_id, episode_number, started_at, ended_at' %}
with

episodes as (

    select {{ columns }} from {{ ref('int_clocks__timed') }}
    union all
    select {{ columns }} from {{ ref('int_clocks__rests') }}

),

marks as (

    select sla_code, entity_id, occurred_at, event_id
    from {{ ref('int_clocks__marked') }}
    where role = 'extend'

),

given as (

    select
        episodes.sla_code,
        episodes.entity_id,
        episodes.episode_number,
        episodes.started_at,
        policies.calendar_code,
        policies.extend_minutes,
        marks.occurred_at,
        row_number() over (
            partition by episodes.sla_code, episodes.entity_id, episodes.episode_number
            order by marks.occurred_at desc, marks.event_id desc
        ) as times_left
    from episodes
    inner join {{ ref('sla_policies') }} as policies
        on episodes.sla_code = policies.sla_code and policies.extend_minutes > 0
    inner join marks
        on episodes.sla_code = marks.sla_code and episodes.entity_id = marks.entity_id
        and marks.occurred_at >= episodes.started_at
        and (episodes.ended_at is null or marks.occurred_at <= episodes.ended_at)

)

select
    given.sla_code,
    given.entity_id,
    given.episode_number,
    cast(sum(given.extend_minutes) as bigint) as extended_minutes,
    cast(max({{ open_minutes('given_day', 'given.occurred_at') }}
        - {{ open_minutes('start_day', 'given.started_at') }}
        + given.times_left * given.extend_minutes) as bigint) as reached_minutes
from given
{{ join_calendar('start_day', 'given.calendar_code', 'given.started_at') }}
{{ join_calendar('given_day', 'given.calendar_code', 'given.occurred_at') }}
group by given.sla_code, given.entity_id, given.episode_number
