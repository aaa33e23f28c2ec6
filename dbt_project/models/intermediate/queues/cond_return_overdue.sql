{{ config(materialized='ephemeral') }}
-- Goods that were to come back have not arrived in time.
select
    {{ condition('Q27', {
        'entity_id': 'clocks.entity_id', 'episode_number': 'clocks.episode_number',
        'order_id': 'clocks.order_id', 'channel': 'clocks.channel', 'shop_id': 'clocks.shop_id',
        'opened_at': 'clocks.due_at', 'closed_at': 'clocks._ended_at',
        'due_at': 'clocks.due_at', 'at_risk_amount': 'cases.requested_amount',
        'currency_code': 'cases.currency_code',
        'evidence_event_id': 'clocks.start_event_id', 'started_at': 'clocks.started_at',
        'facts': facts([
            ["'return_minutes'", 'clocks.budget_minutes', "'<'", 'clocks.budget_minutes'],
            ["'return_tracking_number'", 'cases.return_tracking_number', 'null', 'null']])}) }}
from {{ ref('fct_sla_clocks') }} as clocks
inner join {{ ref('fct_after_sales_cases') }} as cases on clocks.entity_id = cases.case_id
where clocks.sla_code = 'S21'
    and {{ touched('clocks.order_id') }}
    and (clocks._ended_at is null or clocks._ended_at > clocks.due_at)
