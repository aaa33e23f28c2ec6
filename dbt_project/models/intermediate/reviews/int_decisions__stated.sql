{{ config(materialized='ephemeral') }}
-- One row per event that something done in the app about an order is: whom somebody spoke to, what was
-- agreed to, filed, inspected. Taken back, it never was.
select
    decisions.*,
    events.event_type,
    events.detail_code,
    events.entity_type as event_entity_type,
    case
        when events.entity_type = decisions.entity_type then decisions.entity_id
        when events.entity_type = 'order' then decisions.order_id
        else decisions.decision_id
    end as event_entity_id
from {{ ref('int_decisions__kept') }} as decisions
inner join {{ ref('decision_events') }} as events
    on decisions.verb = events.verb and events.queue_code in (decisions.queue_code, '*')
where not decisions.is_undone
