{{ config(materialized='ephemeral') }}
-- An account whose rights nobody has looked at this month, one nobody uses any more, or one that holds
-- roles that do not go together; until somebody confirms it or takes the rights away.
with

rights as (

    select account_id,
        {{ last_by('roles', ['happened_at', 'source_sequence', 'access_event_id']) }} as roles
    from {{ ref('stg_access_events') }}
    where roles is not null
    group by account_id

),

log as (

    select *
    from {{ ref('fct_entity_events') }}
    where entity_type = 'account' and event_type in (
        'PERMISSION_GRANTED', 'PERMISSION_REVOKED', 'LOGIN_OK', 'ACCESS_REVIEWED')

),

-- Signs of use and what ends the wait for the next one.
uses as (

    select *, lead(occurred_at) over (
        partition by entity_id order by occurred_at, event_rank, event_id
    ) as next_at
    from log
    where event_type <> 'ACCESS_REVIEWED'

),

conflicts as (

    select *, lead(occurred_at) over (
        partition by entity_id order by occurred_at, event_rank, event_id
    ) as next_at,
    lag(detail_code) over (
        partition by entity_id order by occurred_at, event_rank, event_id
    ) as detail_before
    from log
    where event_type in ('PERMISSION_GRANTED', 'PERMISSION_REVOKED')

),

found as (

    select
        'dormant_account' as entity_type,
        entity_id,
        event_id,
        {{ add_minutes('occurred_at', threshold('dormant_account_minutes')) }} as opened_at,
        next_at,
        occurred_at as used_at,
        cast(null as {{ type_text() }}) as role_conflict
    from uses
    where event_type <> 'PERMISSION_REVOKED' and (
        next_at is null
        or next_at > {{ add_minutes('occurred_at', threshold('dormant_account_minutes')) }})
    union all
    select
        'role_conflict' as entity_type,
        entity_id,
        event_id,
        occurred_at as opened_at,
        next_at,
        cast(null as timestamp) as used_at,
        detail_code as role_conflict
    from conflicts
    where event_type = 'PERMISSION_GRANTED' and detail_code is not null
        and detail_code <> coalesce(detail_before, '')

),

settled as (

    select
        found.entity_type, found.entity_id, found.event_id, found.opened_at, found.used_at,
        found.role_conflict,
        least(coalesce(min(reviews.occurred_at), found.next_at),
            coalesce(found.next_at, min(reviews.occurred_at))) as closed_at
    from found
    left join log as reviews
        on reviews.event_type = 'ACCESS_REVIEWED' and found.entity_id = reviews.entity_id
        and reviews.occurred_at >= found.opened_at
    group by found.entity_type, found.entity_id, found.event_id, found.opened_at, found.used_at,
        found.role_conflict, found.next_at

)

select
    {{ condition('Q37', {
        'entity_type': 'settled.entity_type', 'entity_id': 'settled.entity_id',
        'episode_number': "row_number() over (partition by settled.entity_type, settled.entity_id "
            ~ "order by settled.opened_at, settled.event_id)",
        'opened_at': 'settled.opened_at', 'closed_at': 'settled.closed_at',
        'severity': "case settled.entity_type when 'role_conflict' then 3 else 4 end",
        'evidence_event_id': 'settled.event_id',
        'facts': facts([
            ["'role_conflict'", 'settled.role_conflict', 'null', 'null'],
            ["'last_used_at'", 'settled.used_at', 'null', 'null'],
            ["'roles'", 'rights.roles', 'null', 'null']])}) }}
from settled
left join rights on settled.entity_id = rights.account_id
union all
select
    {{ condition('Q37', {
        'entity_id': 'clocks.entity_id', 'episode_number': 'clocks.episode_number',
        'started_at': 'clocks.started_at', 'opened_at': 'clocks.started_at',
        'closed_at': 'coalesce(clocks.stopped_at, clocks.cancelled_at)', 'due_at': 'clocks.due_at',
        'evidence_event_id': 'clocks.start_event_id',
        'facts': facts([["'roles'", 'rights.roles', 'null', 'null']])}) }}
from {{ ref('fct_sla_clocks') }} as clocks
left join rights on clocks.entity_id = rights.account_id
where clocks.sla_code = 'S36'
