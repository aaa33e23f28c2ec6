{{ config(materialized='ephemeral') }}
-- Goods were short at picking and nobody has decided yet what the customer gets.
select
    {{ condition('Q19', {
        'entity_id': 'clocks.order_id', 'episode_number': 'clocks.episode_number',
        'order_id': 'clocks.order_id', 'channel': 'clocks.channel', 'shop_id': 'clocks.shop_id',
        'opened_at': 'clocks.started_at', 'closed_at': 'clocks._ended_at',
        'due_at': 'clocks.due_at', 'at_risk_amount': 'orders.owed_amount',
        'currency_code': 'orders.order_currency_code',
        'evidence_event_id': 'clocks.start_event_id', 'started_at': 'clocks.started_at',
        'facts': facts([
            ["'sku'", 'shorts.sku', 'null', 'null'],
            ["'shortfall_quantity'", 'shorts.quantity', "'='", "'0'"]])}) }}
from {{ ref('fct_sla_clocks') }} as clocks
inner join {{ order_log() }} as shorts on clocks.start_event_id = shorts.event_id
inner join {{ ref('int_orders__priced') }} as orders on clocks.order_id = orders.order_id
where clocks.sla_code = 'S11' and {{ touched('clocks.order_id') }}
