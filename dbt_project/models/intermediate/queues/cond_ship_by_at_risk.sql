{{ config(materialized='ephemeral') }}
-- An order nears or passes its ship-by promise, it was forecast to break it, or its buyer urges, and it
-- has not left yet. The forecast is the one that was made and said, not what it would be now.
with

urges as (

    select
        clocks.clock_id,
        min(events.occurred_at) as urged_at,
        count(*) as urge_count
    from {{ ref('fct_sla_clocks') }} as clocks
    inner join {{ order_log() }} as events
        on clocks.order_id = events.order_id
        and events.event_type = 'BUYER_URGED'
        and events.occurred_at >= clocks.started_at
        and (clocks._ended_at is null or events.occurred_at < clocks._ended_at)
    where clocks.sla_code = 'S07' and {{ touched('clocks.order_id') }}
    group by clocks.clock_id

),

-- The first that was said while the clock ran.
forecasts as (

    select
        clocks.clock_id,
        min(decisions.decided_at) as forecast_at,
        {%- for column in ['probability', 'limit', 'count', 'basis'] %}
        {{ first_by('decisions.forecast_' ~ column, ['decisions.decided_at', 'decisions.decision_id']) }}
            as forecast_{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('fct_sla_clocks') }} as clocks
    inner join {{ ref('int_decisions__kept') }} as decisions
        on clocks.order_id = decisions.order_id
        and decisions.verb = 'breach_likely'
        and not decisions.is_undone
        and decisions.decided_at >= clocks.started_at
        and (clocks._ended_at is null or decisions.decided_at < clocks._ended_at)
    where clocks.sla_code = 'S07' and {{ touched('clocks.order_id') }}
    group by clocks.clock_id

),

risky as (

    select
        clocks.*,
        least(clocks.warn_at, urges.urged_at, forecasts.forecast_at) as at_risk_at,
        forecasts.forecast_probability,
        forecasts.forecast_limit,
        forecasts.forecast_count,
        forecasts.forecast_basis,
        coalesce(urges.urge_count, 0) as urge_count,
        orders.owed_amount,
        orders.order_currency_code
    from {{ ref('fct_sla_clocks') }} as clocks
    inner join {{ ref('int_orders__priced') }} as orders on clocks.order_id = orders.order_id
    left join urges on clocks.clock_id = urges.clock_id
    left join forecasts on clocks.clock_id = forecasts.clock_id
    where clocks.sla_code = 'S07' and {{ touched('clocks.order_id') }}

)

select
    {{ condition('Q17', {
        'entity_id': 'order_id', 'episode_number': 'episode_number', 'order_id': 'order_id',
        'channel': 'channel', 'shop_id': 'shop_id', 'opened_at': 'at_risk_at',
        'closed_at': '_ended_at', 'due_at': 'due_at', 'at_risk_amount': 'owed_amount',
        'currency_code': 'order_currency_code', 'evidence_event_id': 'start_event_id',
        'started_at': 'started_at', 'severity': 'case when urge_count > 0 then 1 end',
        'facts': facts([
            ["'budget_minutes'", 'budget_minutes', "'<='", 'budget_minutes'],
            ["'urge_count'", 'urge_count', "'='", '0']],
            more="case when forecast_probability is not null then " ~ fact("'forecast_probability'", 'round(cast(forecast_probability as double), 2)',
                "'<='", 'round(cast(forecast_limit as double), 2)')
            ~ "||','||" ~ fact("'forecast_count'", 'cast(forecast_count as bigint)', 'null', 'null')
            ~ "||','||" ~ fact("'forecast_basis'", 'forecast_basis', 'null', 'null') ~ ' end')}) }}
from risky
where at_risk_at is not null and (_ended_at is null or _ended_at > at_risk_at)
