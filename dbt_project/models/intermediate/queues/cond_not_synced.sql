{{ config(materialized='ephemeral') }}
-- The channel does not show in time what has happened, or a system could not be told of a decision.
-- Silence of a feed proves nothing: an open item needs something that the shop showed after the
-- deadline.
{%- set promises = ['S03P', 'S03D', 'S03R', 'S12'] %}
with

late as (

    select *
    from {{ ref('fct_sla_clocks') }}
    where sla_code in ('{{ promises | join("', '") }}')
        and (_ended_at is null or _ended_at > due_at)

),

heard as (

    select shop_id, max(seen_at) as heard_at
    from {{ ref('stg_channel_status') }}
    group by shop_id

),

shown as (

    select
        observations.order_id,
        coalesce({{ last_by('states.state_code',
            ['observations.seen_at', 'observations.record_key']) }}, 'UNKNOWN') as channel_state,
        max(observations.seen_at) as channel_seen_at
    from {{ ref('stg_channel_status') }} as observations
    left join {{ ref('int_channel_status__explained') }} as states
        on observations.channel = states.channel and observations.status_raw = states.status_raw
    where observations.order_id in (select order_id from late)
    group by observations.order_id

),

-- How each message to a system ended; one that is sent again may end again.
ended as (

    select
        verb,
        decided_at,
        entity_id,
        order_id,
        reason_code,
        row_number() over (partition by entity_id order by decided_at, decision_id) as episode_number,
        lead(decided_at) over (partition by entity_id order by decided_at, decision_id) as ended_at
    from {{ ref('stg_decisions') }}
    where verb in ('delivery_given_up', 'delivery_answered', 'delivery_superseded')

)

-- An order's promises keep numbers of their own: each happens once.
select
    {{ condition('Q21', {
        'entity_id': 'late.entity_id', 'entity_type': 'late.entity_type',
        'episode_number': "case late.sla_code when 'S03R' then 2 when 'S03D' then 2 else 1 end",
        'order_id': 'late.order_id', 'channel': 'late.channel', 'shop_id': 'late.shop_id',
        'opened_at': 'late.due_at', 'closed_at': 'late._ended_at', 'due_at': 'late.due_at',
        'at_risk_amount': 'orders.payable_amount', 'currency_code': 'orders.currency_code',
        'evidence_event_id': 'late.start_event_id', 'started_at': 'late.started_at',
        'facts': facts([
            ["'late_promise'", 'late.sla_code', 'null', 'null'],
            ["'channel_state'", 'shown.channel_state', 'null', 'null'],
            ["'channel_seen_at'", 'shown.channel_seen_at', 'null', 'null'],
            ["'tracking_number'", 'parcels.tracking_number', 'null', 'null']])}) }}
from late
inner join {{ ref('fct_orders') }} as orders on late.order_id = orders.order_id
left join {{ ref('fct_shipments') }} as parcels on late.entity_id = parcels.shipment_id
left join shown on late.order_id = shown.order_id
left join heard on late.shop_id = heard.shop_id
where late._ended_at is not null or heard.heard_at > late.due_at
union all
select
    {{ condition('Q21', {
        'entity_id': 'ended.entity_id', 'entity_type': "('message')",
        'episode_number': 'ended.episode_number', 'order_id': 'ended.order_id',
        'channel': 'orders.channel', 'shop_id': 'orders.shop_id',
        'opened_at': 'ended.decided_at', 'closed_at': 'ended.ended_at',
        'at_risk_amount': 'orders.payable_amount', 'currency_code': 'orders.currency_code',
        'facts': facts([
            ["'told_system'", "split_part(ended.entity_id, '.', 2)", 'null', 'null'],
            ["'sent_verb'", 'messages.verb', 'null', 'null'],
            ["'delivery_code'", 'ended.reason_code', 'null', 'null']])}) }}
from ended
left join {{ ref('stg_decisions') }} as messages
    on split_part(ended.entity_id, '.', 1) = messages.decision_id
left join {{ ref('fct_orders') }} as orders on ended.order_id = orders.order_id
where ended.verb = 'delivery_given_up'
