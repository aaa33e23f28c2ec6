{{ config(materialized='ephemeral') }}
-- A customer asks for something after the sale and nobody has decided.
select
    {{ condition('Q26', {
        'entity_id': 'clocks.entity_id', 'episode_number': 'clocks.episode_number',
        'order_id': 'clocks.order_id', 'channel': 'clocks.channel', 'shop_id': 'clocks.shop_id',
        'opened_at': 'clocks.started_at', 'closed_at': 'clocks._ended_at',
        'due_at': 'clocks.due_at', 'at_risk_amount': 'cases.requested_amount',
        'currency_code': 'cases.currency_code',
        'evidence_event_id': 'clocks.start_event_id', 'started_at': 'clocks.started_at',
        'facts': facts([
            ["'case_kind'", 'cases.case_kind', 'null', 'null'],
            ["'requested_quantity'", 'cases.requested_quantity', 'null', 'null']])}) }}
from {{ ref('fct_sla_clocks') }} as clocks
inner join {{ ref('fct_after_sales_cases') }} as cases on clocks.entity_id = cases.case_id
where clocks.sla_code = 'S20' and {{ touched('clocks.order_id') }}
