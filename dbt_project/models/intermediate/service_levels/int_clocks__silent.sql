{{ config(materialized='ephemeral') }}
-- One row per silence of a parcel that is still going on or went on longer than its stage allows,
-- and per silence that a claim ends.
select
    'S15' as sla_code,
    'shipment' as entity_type,
    shipment_id as entity_id,
    row_number() over (
        partition by shipment_id order by occurred_at, event_rank, event_id
    ) as episode_number,
    order_id,
    norm_state as start_detail_code,
    occurred_at as started_at,
    event_id as start_event_id,
    closed_at as ended_at,
    case when closed_at = ended_at then ended_at end as stopped_at,
    case when closed_at = ended_at then end_event_id end as stop_event_id,
    case when closed_at < ended_at or ended_at is null then closed_at end as cancelled_at,
    cast(budget_minutes as bigint) as budget_minutes
from {{ ref('int_parcels__silences') }}
where closed_at is null
    or closed_at > {{ add_minutes('occurred_at', 'budget_minutes') }}
union all
select * from {{ ref('int_clocks__claimable') }}
