{{ config(materialized='ephemeral') }}
-- One row per episode of every clock with its calendar and the minutes it has: of its policy, of what
-- was promised, and what somebody gave it on top.
with

episodes as (

    select * from {{ ref('int_clocks__timed') }}
    {% for kind in ['once', 'silent', 'fed', 'reviewed', 'rests'] -%}
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
        end as bigint) as base_minutes,
        coalesce(campaigns.sla_multiplier, 1) as multiplier
    from episodes
    inner join {{ ref('sla_policies') }} as policies on episodes.sla_code = policies.sla_code
    left join {{ ref('hold_types') }} as holds
        on episodes.sla_code = 'S06' and episodes.start_detail_code = holds.hold_type
    left join {{ ref('int_orders__priced') }} as orders on episodes.order_id = orders.order_id
    left join {{ ref('campaigns') }} as campaigns
        on policies.is_peak_extended and episodes.started_at >= campaigns.starts_at
        and episodes.started_at < campaigns.ends_at

)

select
    budgets.*,
    -- Given once more each time, and from that moment on where it was late already.
    greatest(
        budgets.base_minutes + coalesce(extended.extended_minutes, 0),
        coalesce(extended.reached_minutes, 0)
    ) as budget_minutes,
    greatest(
        coalesce(extended.extended_minutes, 0),
        coalesce(extended.reached_minutes, 0) - budgets.base_minutes
    ) as extended_minutes
from budgets
left join {{ ref('int_clocks__extended') }} as extended
    on budgets.sla_code = extended.sla_code and budgets.entity_id = extended.entity_id
    and budgets.episode_number = extended.episode_number
