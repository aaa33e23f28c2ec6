{{ config(materialized='ephemeral') }}
-- One row per silence of a parcel after which a claim has to be filed, or may have to be.
with

claims as (

    select
        shipment_id,
        min(occurred_at) as claimed_at,
        {{ first_by('event_id', ['occurred_at', 'event_id']) }} as claim_event_id
    from {{ order_log() }}
    where event_type = 'CLAIM_FILED' and shipment_id is not null
    group by shipment_id

),

claimable as (

    select
        kept.*,
        case when claims.claimed_at >= kept.occurred_at
            and claims.claimed_at <= coalesce(kept.closed_at, claims.claimed_at)
            then claims.claimed_at end as claimed_at,
        claims.claim_event_id
    from {{ ref('int_parcels__silences') }} as kept
    left join claims on kept.shipment_id = claims.shipment_id

)

select
    'S19S' as sla_code,
    'shipment' as entity_type,
    shipment_id as entity_id,
    row_number() over (
        partition by shipment_id order by occurred_at, event_rank, event_id
    ) as episode_number,
    order_id,
    norm_state as start_detail_code,
    occurred_at as started_at,
    event_id as start_event_id,
    coalesce(claimed_at, closed_at) as ended_at,
    claimed_at as stopped_at,
    case when claimed_at is not null then claim_event_id end as stop_event_id,
    case when claimed_at is null then closed_at end as cancelled_at,
    cast(null as bigint) as budget_minutes
from claimable
where closed_at is null
    or closed_at > {{ add_minutes('occurred_at', threshold('claim_silence_minutes')) }}
