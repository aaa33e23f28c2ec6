{{ config(materialized='ephemeral') }}
-- One row per step of an incident, with the order that any of its steps names.
select
    incidents.*,
    types.event_type,
    max(incidents.order_id) over (partition by incidents.incident_id) as resolved_order_id
from {{ ref('stg_incidents') }} as incidents
inner join {{ ref('event_codes') }} as types
    on types.record_stream = 'incidents' and incidents.incident_step = types.record_code
