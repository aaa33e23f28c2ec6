{{ config(materialized='ephemeral') }}
-- One row per account and month that began while it was active: somebody else looks at its rights
-- before the month is over (S36). A month in which nothing happened to any account has no row.
with

months as (

    select
        month_at,
        {{ reporting_month(add_minutes('month_at', '46080')) }} as next_month_at -- 32 days later
    from (
        select distinct {{ reporting_month('occurred_at') }} as month_at
        from {{ ref('fct_entity_events') }}
        where entity_type = 'account'
    ) as seen

),

due as (

    select spans.*, months.month_at, months.next_month_at
    from {{ ref('int_accounts__active') }} as spans
    inner join months
        on spans.granted_at < months.month_at
        and (spans.ended_at is null or spans.ended_at > months.month_at)

),

looked_at as (

    select
        due.account_id,
        due.month_at,
        min(reviews.occurred_at) as reviewed_at,
        {{ first_by('reviews.event_id', ['reviews.occurred_at', 'reviews.event_id']) }} as event_id
    from due
    inner join {{ ref('fct_entity_events') }} as reviews
        on reviews.event_type = 'ACCESS_REVIEWED'
        and due.account_id = reviews.entity_id
        and reviews.occurred_at >= due.month_at
        and (due.ended_at is null or reviews.occurred_at <= due.ended_at)
    group by due.account_id, due.month_at

)

select
    'S36' as sla_code,
    'account' as entity_type,
    due.account_id as entity_id,
    row_number() over (partition by due.account_id order by due.month_at) as episode_number,
    cast(null as {{ type_text() }}) as order_id,
    cast(null as {{ type_text() }}) as start_detail_code,
    due.month_at as started_at,
    due.grant_event_id as start_event_id,
    coalesce(looked_at.reviewed_at, due.ended_at) as ended_at,
    looked_at.reviewed_at as stopped_at,
    looked_at.event_id as stop_event_id,
    case when looked_at.reviewed_at is null then due.ended_at end as cancelled_at,
    cast({{ minutes_between('due.month_at', 'due.next_month_at') }} as bigint) as budget_minutes
from due
left join looked_at
    on due.account_id = looked_at.account_id and due.month_at = looked_at.month_at
