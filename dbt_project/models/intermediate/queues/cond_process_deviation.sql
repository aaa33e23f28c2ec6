{{ config(materialized='ephemeral') }}
-- Something happened that the state of the order did not allow, or a parcel worth insuring left of
-- which its sender says that it is not. It stays until somebody justifies
-- it; the same kind of thing, known after that, is another episode.
with

deviations as (

    select
        states.order_id,
        states.deviation_code,
        states.deviation_code || '@' || states.order_id as deviation_id,
        states.event_id,
        states.event_type,
        states.occurred_at,
        events.ingested_at as known_at
    from {{ ref('fct_order_states') }} as states
    inner join {{ order_log() }} as events on states.event_id = events.event_id
    where states.is_deviation and {{ touched('states.order_id') }}
    union all
    select
        parcels.order_id,
        'SHIPPED_UNINSURED' as deviation_code,
        'SHIPPED_UNINSURED@' || parcels.order_id as deviation_id,
        events.event_id,
        events.event_type,
        events.occurred_at,
        events.ingested_at as known_at
    from {{ ref('fct_shipments') }} as parcels
    inner join {{ ref('fct_orders') }} as orders on parcels.order_id = orders.order_id
    inner join {{ order_log() }} as events
        on parcels.shipment_id = events.shipment_id and events.event_type = 'HANDED_OVER'
    where orders.requires_insurance and parcels.insured_amount = 0
        and {{ touched('parcels.order_id') }}

),

answers as (

    select
        entity_id as deviation_id,
        decided_at,
        row_number() over (
            partition by entity_id order by decided_at, decision_id
        ) as episode_number
    from {{ ref('int_decisions__kept') }}
    where queue_code = 'Q32' and verb in ('justify', 'resolve', 'dismiss') and not is_undone

),

numbered as (

    select
        deviations.deviation_id,
        deviations.event_id,
        max(deviations.order_id) as order_id,
        max(deviations.deviation_code) as deviation_code,
        max(deviations.event_type) as event_type,
        max(deviations.occurred_at) as occurred_at,
        1 + count(answers.decided_at) as episode_number
    from deviations
    left join answers
        on deviations.deviation_id = answers.deviation_id
        and answers.decided_at < deviations.known_at
    group by deviations.deviation_id, deviations.event_id

),

episodes as (

    select
        deviation_id,
        episode_number,
        max(order_id) as order_id,
        max(deviation_code) as deviation_code,
        max(event_type) as event_type,
        min(occurred_at) as opened_at,
        {{ first_by('event_id', ['occurred_at', 'event_id']) }} as event_id,
        count(*) as repeat_count
    from numbered
    group by deviation_id, episode_number

)

select
    {{ condition('Q32', {
        'entity_id': 'episodes.deviation_id', 'episode_number': 'episodes.episode_number',
        'order_id': 'episodes.order_id', 'channel': 'orders.channel', 'shop_id': 'orders.shop_id',
        'opened_at': 'episodes.opened_at', 'closed_at': 'answers.decided_at',
        'at_risk_amount': 'orders.owed_amount', 'currency_code': 'orders.order_currency_code',
        'evidence_event_id': 'episodes.event_id',
        'facts': facts([
            ["'deviation_code'", 'episodes.deviation_code', 'null', 'null'],
            ["'event_type'", 'episodes.event_type', 'null', 'null'],
            ["'repeat_count'", 'episodes.repeat_count', "'<='", '1']])}) }}
from episodes
inner join {{ ref('int_orders__priced') }} as orders on episodes.order_id = orders.order_id
left join answers
    on episodes.deviation_id = answers.deviation_id
    and episodes.episode_number = answers.episode_number
