{{ config(materialized='ephemeral') }}
-- A complaint waits for an answer, a major one for a plan too. Clocks that began together are one
-- piece of work.
with

spells as (

    select
        entity_id,
        min(order_id) as order_id,
        min(shop_id) as shop_id,
        min(channel) as channel,
        started_at,
        row_number() over (partition by entity_id order by started_at) as episode_number,
        max(case when sla_code in ('S28', 'S29') then 1 else 0 end) as major_count,
        coalesce(min(case when _ended_at is null then due_at end), min(due_at)) as due_at,
        case when count(*) = count(_ended_at) then max(_ended_at) end as closed_at,
        min(start_event_id) as event_id
    from {{ ref('fct_sla_clocks') }}
    where sla_code in ('S27', 'S28', 'S29')
        and (order_id is null or {{ touched('order_id') }})
    group by entity_id, started_at

)

select
    {{ condition('Q30', {
        'entity_id': 'spells.entity_id', 'episode_number': 'spells.episode_number',
        'order_id': 'spells.order_id', 'channel': 'spells.channel', 'shop_id': 'spells.shop_id',
        'opened_at': 'spells.started_at', 'closed_at': 'spells.closed_at',
        'due_at': 'spells.due_at', 'at_risk_amount': 'orders.owed_amount',
        'currency_code': 'orders.order_currency_code', 'evidence_event_id': 'spells.event_id',
        'started_at': 'spells.started_at',
        'severity': 'case when spells.major_count > 0 then 1 end',
        'facts': facts([["'complaint_level'",
            "case when spells.major_count > 0 then 'major' else 'normal' end", 'null', 'null']])}) }}
from spells
left join {{ ref('int_orders__priced') }} as orders on spells.order_id = orders.order_id
