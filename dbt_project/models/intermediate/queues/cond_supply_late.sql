{{ config(materialized='ephemeral') }}
-- A supplier has not shipped in time. In a campaign suppliers are watched: an order they were told of
-- then is work from its warning on, not only when it is late.
with

clocks as (

    select
        clocks.*,
        campaigns.campaign_code,
        case when campaigns.campaign_code is null then clocks.due_at else clocks.warn_at end
            as shown_at
    from {{ ref('fct_sla_clocks') }} as clocks
    left join {{ ref('campaigns') }} as campaigns
        on clocks.started_at >= campaigns.starts_at and clocks.started_at < campaigns.ends_at
    where clocks.sla_code = 'S14' and {{ touched('clocks.order_id') }}

),

told as (

    select order_id, min(supplier_id) as supplier_id, sum(quantity) as quantity
    from {{ ref('int_supplies__told') }}
    group by order_id

),

shipped as (

    select order_id, sum(shipped_quantity) as quantity
    from {{ ref('int_supplies__shipped') }}
    group by order_id

)

-- Each kind of trouble an order can have with its supplier keeps numbers of its own.
select
    {{ condition('Q20', {
        'entity_id': 'clocks.order_id', 'episode_number': '(clocks.episode_number - 1) * 4 + 1',
        'order_id': 'clocks.order_id', 'channel': 'clocks.channel', 'shop_id': 'clocks.shop_id',
        'opened_at': 'clocks.shown_at', 'closed_at': 'clocks._ended_at',
        'due_at': 'clocks.due_at', 'at_risk_amount': 'orders.owed_amount',
        'currency_code': 'orders.order_currency_code',
        'evidence_event_id': 'clocks.start_event_id', 'started_at': 'clocks.started_at',
        'facts': facts([
            ["'supplier_id'", 'told.supplier_id', 'null', 'null'],
            ["'shipped_quantity'", 'coalesce(shipped.quantity, 0)', "'<>'", 'told.quantity'],
            ["'campaign_code'", 'clocks.campaign_code', 'null', 'null']])}) }}
from clocks
inner join {{ ref('int_orders__priced') }} as orders on clocks.order_id = orders.order_id
left join told on clocks.order_id = told.order_id
left join shipped on clocks.order_id = shipped.order_id
where clocks.shown_at is not null
    and (clocks._ended_at is null or clocks._ended_at > clocks.shown_at)
