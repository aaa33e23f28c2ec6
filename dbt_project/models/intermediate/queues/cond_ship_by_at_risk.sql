{{ config(materialized='ephemeral') }}
-- An order nears or passes its ship-by promise, or its buyer urges, and it has not left yet.
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

risky as (

    select
        clocks.*,
        least(clocks.warn_at, urges.urged_at) as at_risk_at,
        coalesce(urges.urge_count, 0) as urge_count,
        orders.owed_amount,
        orders.order_currency_code
    from {{ ref('fct_sla_clocks') }} as clocks
    inner join {{ ref('int_orders__priced') }} as orders on clocks.order_id = orders.order_id
    left join urges on clocks.clock_id = urges.clock_id
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
            ["'urge_count'", 'urge_count', "'='", '0']])}) }}
from risky
where at_risk_at is not null and (_ended_at is null or _ended_at > at_risk_at)
