-- One row per episode with its budget and calendar, and the minutes it was paused before it was due.
with

budgets as (

    select * from {{ ref('int_clocks__allowed') }}

),

overlapped as (

    select
        {% for column in ['sla_code', 'entity_id', 'episode_number', 'calendar_code',
            'started_at', 'budget_minutes'] -%}
        budgets.{{ column }}, {% endfor -%}
        greatest(pauses.paused_at, budgets.started_at) as paused_at,
        least(pauses.resumed_at, budgets.ended_at) as resumed_at
    from budgets
    inner join {{ ref('int_clocks__paused') }} as pauses
        on budgets.sla_code = pauses.sla_code and budgets.entity_id = pauses.entity_id
        and (pauses.resumed_at is null or pauses.resumed_at > budgets.started_at)
        and (budgets.ended_at is null or pauses.paused_at < budgets.ended_at)

),

measured as (

    select
        overlapped.*,
        {{ open_minutes('pause_day', 'overlapped.paused_at') }}
            - {{ open_minutes('start_day', 'overlapped.started_at') }} as run_until_minutes,
        {{ open_minutes('resume_day', 'overlapped.resumed_at') }}
            - {{ open_minutes('pause_day', 'overlapped.paused_at') }} as paused_minutes
    from overlapped
    {{ join_calendar('start_day', 'overlapped.calendar_code', 'overlapped.started_at') }}
    {{ join_calendar('pause_day', 'overlapped.calendar_code', 'overlapped.paused_at') }}
    {{ join_calendar('resume_day', 'overlapped.calendar_code', 'overlapped.resumed_at') }}

),

summed as (

    select *, coalesce(sum(paused_minutes) over earlier, 0) as paused_before
    from measured
    window earlier as (
        partition by sla_code, entity_id, episode_number order by paused_at
        rows between unbounded preceding and 1 preceding
    )

),

-- A pause that begins after the deadline does not move it, nor does any later one.
counted as (

    select *, bool_and(run_until_minutes - paused_before < budget_minutes) over so_far as is_counted
    from summed
    window so_far as (
        partition by sla_code, entity_id, episode_number order by paused_at
        rows between unbounded preceding and current row
    )

),

paused as (

    select
        sla_code,
        entity_id,
        episode_number,
        sum(case when is_counted then coalesce(paused_minutes, 0) else 0 end) as paused_minutes,
        count(*) filter (where is_counted and resumed_at is null) as open_pause_count
    from counted
    group by sla_code, entity_id, episode_number

)

select
    budgets.*,
    cast(coalesce(paused.paused_minutes, 0) as bigint) as paused_minutes,
    coalesce(paused.open_pause_count, 0) > 0 as is_paused
from budgets
left join paused
    on budgets.sla_code = paused.sla_code and budgets.entity_id = paused.entity_id
    and budgets.episode_number = paused.episode_number
