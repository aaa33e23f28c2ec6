{{ config(materialized='ephemeral') }}
-- A parcel was said to be handed over, and its carrier has not seen it in time.
select
    {{ condition('Q22', {
        'entity_id': 'clocks.entity_id', 'episode_number': 'clocks.episode_number',
        'order_id': 'clocks.order_id', 'channel': 'clocks.channel', 'shop_id': 'clocks.shop_id',
        'opened_at': 'clocks.due_at', 'closed_at': 'clocks._ended_at', 'due_at': 'clocks.due_at',
        'at_risk_amount': 'orders.owed_amount', 'currency_code': 'orders.order_currency_code',
        'evidence_event_id': 'clocks.start_event_id', 'started_at': 'clocks.started_at',
        'facts': facts([["'budget_minutes'", 'clocks.budget_minutes', "'<='",
            'clocks.budget_minutes']])}) }}
from {{ ref('fct_sla_clocks') }} as clocks
inner join {{ ref('int_orders__priced') }} as orders on clocks.order_id = orders.order_id
where clocks.sla_code = 'S13'
    and {{ touched('clocks.order_id') }}
    and (clocks._ended_at is null or clocks._ended_at > clocks.due_at)
