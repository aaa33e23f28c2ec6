{{ config(materialized='ephemeral') }}
-- A hold is older than its type may get.
with

late as (

    select
        clocks.*,
        starts.detail_code as hold_type,
        row_number() over (
            partition by clocks.order_id order by clocks.due_at, clocks.clock_id
        ) as late_number
    from {{ ref('fct_sla_clocks') }} as clocks
    inner join {{ order_log() }} as starts on clocks.start_event_id = starts.event_id
    where clocks.sla_code = 'S06'
        and {{ touched('clocks.order_id') }}
        and (clocks._ended_at is null or clocks._ended_at > clocks.due_at)

)

select
    {{ condition('Q09', {
        'entity_id': 'late.order_id', 'episode_number': 'late.late_number',
        'order_id': 'late.order_id', 'channel': 'late.channel', 'shop_id': 'late.shop_id',
        'opened_at': 'late.due_at', 'closed_at': 'late._ended_at', 'due_at': 'late.due_at',
        'at_risk_amount': 'orders.owed_amount', 'currency_code': 'orders.order_currency_code',
        'evidence_event_id': 'late.start_event_id', 'started_at': 'late.started_at',
        'facts': facts([
            ["'hold_type'", 'late.hold_type', 'null', 'null'],
            ["'hold_minutes'", 'late.budget_minutes', "'<='", 'late.budget_minutes']])}) }}
from late
inner join {{ ref('int_orders__priced') }} as orders on late.order_id = orders.order_id
