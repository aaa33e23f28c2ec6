{{ config(materialized='ephemeral') }}
-- An online order was neither paid nor cancelled in time: at all, or the rest of its deposit.
select
    {{ condition('Q04', {
        'entity_id': 'clocks.order_id', 'episode_number': "clocks.episode_number + case when clocks.sla_code = 'S01R' then 1 else 0 end",
        'order_id': 'clocks.order_id', 'channel': 'clocks.channel', 'shop_id': 'clocks.shop_id',
        'opened_at': 'clocks.due_at', 'closed_at': 'clocks._ended_at', 'due_at': 'clocks.due_at',
        'at_risk_amount': 'orders.owed_amount', 'currency_code': 'orders.order_currency_code',
        'evidence_event_id': 'clocks.start_event_id', 'started_at': 'orders.placed_at',
        'facts': facts([["'unpaid_minutes'", 'clocks.budget_minutes', "'>='",
            'clocks.budget_minutes']])}) }}
from {{ ref('fct_sla_clocks') }} as clocks
inner join {{ ref('int_orders__priced') }} as orders on clocks.order_id = orders.order_id
where clocks.sla_code in ('S01', 'S01R')
    and {{ touched('clocks.order_id') }}
    and (clocks._ended_at is null or clocks._ended_at > clocks.due_at)
