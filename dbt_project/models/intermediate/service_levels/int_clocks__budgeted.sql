-- One row per episode with its budget and calendar, and the minutes it was paused before it was due.
with

episodes as (

    select * from {{ ref('int_clocks__timed') }}
    {% for kind in ['once', 'silent', 'fed', 'reviewed'] -%}
    union all
    select * from {{ ref('int_clocks__' ~ kind) }}
    {% endfor %}
),

budgets as (

    select
        episodes.sla_code,
        {% for column in ['entity_type', 'entity_id', 'episode_number', 'order_id',
            'start_detail_code', 'started_at', 'start_event_id', 'ended_at', 'stopped_at',
            'stop_event_id', 'cancelled_at'] -%}
        episodes.{{ column }},
        {% endfor -%}
        orders.channel, orders.shop_id,
        policies.calendar_code, policies.warn_minutes, policies.warn_ratio,
        cast(case
            -- The channel's own deadline is a moment, whatever the calendar.
            when episodes.sla_code = 'S07' and orders.ship_by_at > episodes.started_at
                then {{ minutes_between('episodes.started_at', 'orders.ship_by_at') }}
            when episodes.sla_code = 'S21' -- days to leave, and then the way
                then policies.budget_minutes + {{ threshold('return_lane_minutes') }}
            else coalesce(holds.max_age_minutes, episodes.budget_minutes, policies.budget_minutes)
                * coalesce(campaigns.sla_multiplier, 1)
        end as bigint) as budget_minutes,
        coalesce(campaigns.sla_multiplier, 1) as multiplier
    from episodes
    inner join {{ ref('sla_policies') }} as policies on episodes.sla_code = policies.sla_code
    left join {{ ref('hold_types') }} as holds
        on episodes.sla_code = 'S06' and episodes.start_detail_code = holds.hold_type
    left join {{ ref('int_orders__priced') }} as orders on episodes.order_id = orders.order_id
    left join {{ ref('campaigns') }} as campaigns
        on policies.is_peak_extended and episodes.started_at >= campaigns.starts_at
        and episodes.started_at < campaigns.ends_at

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
