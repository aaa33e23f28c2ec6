{{ config(materialized='ephemeral') }}
-- An order was not released to the warehouse, not accepted or not packed in time. The three clocks
-- follow one another; each keeps numbers of its own, so that a late fact renames no episode.
{%- set stages = ['S08', 'S09', 'S10'] %}
select
    {{ condition('Q18', {
        'entity_id': 'clocks.order_id',
        'episode_number': "(clocks.episode_number - 1) * 3 + case clocks.sla_code when 'S08' then 1 "
            ~ "when 'S09' then 2 else 3 end",
        'order_id': 'clocks.order_id', 'channel': 'clocks.channel', 'shop_id': 'clocks.shop_id',
        'opened_at': 'clocks.due_at', 'closed_at': 'clocks._ended_at', 'due_at': 'clocks.due_at',
        'at_risk_amount': 'orders.owed_amount', 'currency_code': 'orders.order_currency_code',
        'evidence_event_id': 'clocks.start_event_id', 'started_at': 'clocks.started_at',
        'facts': facts([["'late_promise'", 'clocks.sla_code', 'null', 'null']])}) }}
from {{ ref('fct_sla_clocks') }} as clocks
inner join {{ ref('int_orders__priced') }} as orders on clocks.order_id = orders.order_id
where clocks.sla_code in ('{{ stages | join("', '") }}')
    and {{ touched('clocks.order_id') }}
    and clocks.due_at is not null
    and (clocks._ended_at is null or clocks._ended_at > clocks.due_at)
