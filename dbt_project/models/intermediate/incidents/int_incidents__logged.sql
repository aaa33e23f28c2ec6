{{ config(materialized='ephemeral') }}
-- Incidents of touched orders in the shape of the order log.
select
    {{ logged('event_type', 'event_at', 'event_known_at', "'incident'", 'incident_id', {
        'order_id': 'resolved_order_id', 'actor_id': 'actor_id', 'detail_code': 'incident_kind'}) }}
from {{ ref('int_incidents__resolved') }}
where resolved_order_id is not null and {{ touched('resolved_order_id') }}
