{{ config(materialized='ephemeral') }}
-- A rule stopped an order and nobody has decided yet.
select
    {{ condition('Q07', {
        'entity_id': 'clocks.order_id', 'episode_number': 'clocks.episode_number',
        'order_id': 'clocks.order_id', 'channel': 'clocks.channel', 'shop_id': 'clocks.shop_id',
        'opened_at': 'clocks.started_at', 'closed_at': 'clocks._ended_at',
        'due_at': 'clocks.due_at', 'at_risk_amount': 'orders.owed_amount',
        'currency_code': 'orders.order_currency_code',
        'evidence_event_id': 'clocks.start_event_id', 'started_at': 'clocks.started_at',
        'facts': 'hits.facts'}) }}
from {{ ref('fct_sla_clocks') }} as clocks
inner join {{ ref('int_orders__priced') }} as orders on clocks.order_id = orders.order_id
left join {{ ref('int_reviews__explained') }} as hits on clocks.order_id = hits.order_id
where clocks.sla_code = 'S04' and {{ touched('clocks.order_id') }}
