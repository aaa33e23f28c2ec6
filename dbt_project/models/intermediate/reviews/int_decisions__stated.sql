{{ config(materialized='ephemeral') }}
-- One row per event that something done in the app about an order is: whom somebody spoke to, what was
-- agreed to, filed, inspected. Taken back, it never was.
select
    decisions.*,
    events.event_type,
    coalesce(events.detail_code, case when events.entity_type = 'hold' then decisions.hold_type end)
        as detail_code,
    events.entity_type as event_entity_type,
    case
        when events.entity_type = decisions.entity_type then decisions.entity_id
        when events.entity_type = 'order' then decisions.order_id
        when events.entity_type = 'hold' and decisions.hold_type is not null
            then decisions.order_id || '-' || decisions.hold_type
        else decisions.decision_id
    end as event_entity_id
from {{ ref('int_decisions__kept') }} as decisions
inner join {{ ref('decision_events') }} as events
    on decisions.verb = events.verb and events.queue_code in (decisions.queue_code, '*')
where not decisions.is_undone
