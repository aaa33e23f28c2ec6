{{ config(materialized='ephemeral') }}
-- What happens to accounts: rights given and taken, sign-ins, looks behind a mask, errors of pages,
-- and that somebody looked at their rights.
with

happenings as (

    select events.*, codes.event_type
    from {{ ref('stg_access_events') }} as events
    inner join {{ ref('event_codes') }} as codes
        on codes.record_stream = 'access_events' and events.verb = codes.record_code

),

reviews as (

    select *
    from {{ ref('stg_decisions') }}
    where queue_code = 'Q37' and verb = 'confirm_access' and decision_id not in (
        select undoes_decision_id from {{ ref('stg_decisions') }}
        where undoes_decision_id is not null
    )

)

select {{ logged('event_type', 'happened_at', 'happened_known_at', "'account'", 'account_id', {
    'order_id': 'null', 'actor_type': "'staff'", 'actor_id': 'actor_id',
    'detail_code': "coalesce(role_conflict, subject)"}) }}
from happenings
union all
select {{ logged("'ACCESS_REVIEWED'", 'decided_at', 'decided_known_at', "'account'", 'entity_id', {
    'order_id': 'null', 'actor_type': "'staff'", 'actor_id': 'actor_id',
    'detail_code': 'reason_code'}) }}
from reviews
