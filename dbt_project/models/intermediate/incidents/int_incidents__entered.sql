{{ config(materialized='ephemeral') }}
-- Incidents that are about no order, in the shape of the log of other things.
select
    {{ logged('event_type', 'event_at', 'event_known_at', "'incident'", 'incident_id', {
        'order_id': 'null', 'actor_id': 'actor_id', 'detail_code': 'incident_kind'}) }}
from {{ ref('int_incidents__resolved') }}
where resolved_order_id is null
