{{ config(materialized='ephemeral') }}
-- What was done in the app about a complaint or an incident of no order, in the shape of the log of
-- other things.
select
    {{ logged('events.event_type', 'decided_at', 'decided_known_at', 'events.entity_type',
        'decisions.entity_id', {
            'order_id': 'null', 'channel': 'null', 'shop_id': 'null', 'actor_type': "'staff'", 'actor_id': 'actor_id',
            'detail_code': 'events.detail_code',
            'quantity': "case when events.event_type = 'SATISFACTION_SCORED' then quantity end"},
        relation='decisions') }}
from {{ ref('stg_decisions') }} as decisions
inner join {{ ref('decision_events') }} as events
    on decisions.verb = events.verb and events.queue_code in (decisions.queue_code, '*')
    and decisions.entity_type = events.entity_type
where decisions.order_id is null
    and events.entity_type in ('complaint', 'incident')
    and decisions.decision_id not in (
        select undoes_decision_id from {{ ref('stg_decisions') }}
        where undoes_decision_id is not null
    )
