{{ config(materialized='ephemeral') }}
-- The log of what happens to things that are not an order: feeds and whatever else has a clock of
-- its own. Each domain states its events in the shape of `logged`, with order_id null.
with

logged as (

    select * from {{ ref('int_feeds__logged') }}
    union all
    select * from {{ ref('int_returns__logged') }}
    union all
    select * from {{ ref('int_incidents__entered') }}
    union all
    select * from {{ ref('int_complaints__logged') }}
    union all
    select * from {{ ref('int_decisions__entered') }}
    union all
    select * from {{ ref('int_stock__logged') }}
    union all
    select * from {{ ref('int_access__logged') }}
    union all
    select * from {{ ref('int_statements__logged') }}
    union all
    select * from {{ ref('int_recon__logged') }}

),

final as (

    select
        md5(
            logged.source || '|' || logged.record_key || '|' || logged.event_type || '|'
            || coalesce(logged.detail_code, '') || '|'
            || cast({{ epoch_us('logged.occurred_at') }} as {{ type_text() }})
        ) as event_id,
        types.event_rank,
        logged.*
    from logged
    inner join {{ ref('event_types') }} as types on logged.event_type = types.event_type
    where {{ happened('logged.occurred_at') }}

)

select * from final
