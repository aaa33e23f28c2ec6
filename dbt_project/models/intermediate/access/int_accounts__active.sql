{{ config(materialized='ephemeral') }}
-- One row per time an account was active: from the grant that began it to the end that came next.
with

changes as (

    select
        entity_id as account_id,
        event_type = 'PERMISSION_GRANTED' as is_grant,
        lag(event_type = 'PERMISSION_GRANTED') over account as was_granted,
        occurred_at,
        event_rank,
        event_id
    from {{ ref('fct_entity_events') }}
    where event_type in ('PERMISSION_GRANTED', 'PERMISSION_REVOKED')
    window account as (partition by entity_id order by occurred_at, event_rank, event_id)

),

turns as (

    select
        *,
        lead(occurred_at) over (
            partition by account_id order by occurred_at, event_rank, event_id
        ) as ended_at
    from changes
    where is_grant <> coalesce(was_granted, false)

)

select account_id, occurred_at as granted_at, event_id as grant_event_id, ended_at
from turns
where is_grant
