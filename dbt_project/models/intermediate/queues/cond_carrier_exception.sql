{{ config(materialized='ephemeral') }}
-- A parcel is in a state that needs the carrier and the customer to be spoken to. It stays until it
-- moves on; once both have been spoken to nothing about it is due any more.
select
    {{ condition('Q23', {
        'entity_id': 'clocks.entity_id', 'episode_number': 'clocks.episode_number',
        'order_id': 'clocks.order_id', 'channel': 'clocks.channel', 'shop_id': 'clocks.shop_id',
        'opened_at': 'clocks.started_at', 'closed_at': 'clocks._ended_at',
        'due_at': 'case when clocks.stopped_at is null then clocks.due_at end',
        'at_risk_amount': 'orders.owed_amount',
        'currency_code': 'orders.order_currency_code',
        'evidence_event_id': 'clocks.start_event_id', 'started_at': 'clocks.started_at',
        'facts': facts([["'norm_state'", 'states.start_detail_code', "'='", "'IN_TRANSIT'"]])}) }}
from {{ ref('fct_sla_clocks') }} as clocks
inner join {{ ref('int_clocks__budgeted') }} as states
    on clocks.start_event_id = states.start_event_id and states.sla_code = 'S16'
inner join {{ ref('int_orders__priced') }} as orders on clocks.order_id = orders.order_id
where clocks.sla_code = 'S16' and {{ touched('clocks.order_id') }}
