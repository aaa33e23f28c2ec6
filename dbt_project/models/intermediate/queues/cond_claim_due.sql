{{ config(materialized='ephemeral') }}
-- A parcel is lost, or has been silent for a week: a claim has to be filed.
select
    {{ condition('Q24', {
        'entity_id': 'clocks.entity_id', 'entity_type': "('claim')",
        'episode_number': 'clocks.episode_number'
            ~ " + case when clocks.sla_code = 'S19' then 1000 else 0 end",
        'order_id': 'clocks.order_id', 'channel': 'clocks.channel', 'shop_id': 'clocks.shop_id',
        'opened_at': "case when clocks.sla_code = 'S19' then clocks.started_at else "
            ~ add_minutes('clocks.started_at', threshold('claim_silence_minutes')) ~ ' end',
        'closed_at': 'clocks._ended_at', 'due_at': 'clocks.due_at',
        'at_risk_amount': 'orders.owed_amount', 'currency_code': 'orders.order_currency_code',
        'evidence_event_id': 'clocks.start_event_id', 'started_at': 'clocks.started_at',
        'facts': facts([["'sla_code'", 'clocks.sla_code', 'null', 'null'],
            ["'late_promise'", 'clocks.sla_code', 'null', 'null']])}) }}
from {{ ref('fct_sla_clocks') }} as clocks
inner join {{ ref('int_orders__priced') }} as orders on clocks.order_id = orders.order_id
where clocks.sla_code in ('S19', 'S19S')
    and {{ touched('clocks.order_id') }}
    and (
        clocks.sla_code = 'S19'
        or clocks._ended_at is null
        or clocks._ended_at
            > {{ add_minutes('clocks.started_at', threshold('claim_silence_minutes')) }}
    )
