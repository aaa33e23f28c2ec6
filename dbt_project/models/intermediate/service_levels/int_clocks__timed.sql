{{ config(materialized='ephemeral') }}
-- Episodes with the time they have where another promise gives it: a supplier ships some time before
-- the order itself is promised to the buyer, however late the supplier was told.
with

promises as (

    select events.order_id, min(events.occurred_at) as promised_from_at
    from {{ order_log() }} as events
    inner join {{ ref('sla_events') }} as roles
        on events.event_type = roles.event_type
        and coalesce(roles.detail_code, events.detail_code, '') = coalesce(events.detail_code, '')
        and roles.sla_code = 'S07'
        and roles.role = 'start'
    left join {{ ref('int_orders__presold') }} as presold on events.order_id = presold.order_id
    where {{ starts_promise('roles', 'events', 'presold') }}
    group by events.order_id

),

promised as (

    select
        promises.order_id,
        case when orders.ship_by_at > promises.promised_from_at then orders.ship_by_at
            else {{ add_minutes('promises.promised_from_at', 'policies.budget_minutes') }}
        end as promised_at
    from promises
    inner join {{ ref('int_orders__priced') }} as orders on promises.order_id = orders.order_id
    inner join {{ ref('sla_policies') }} as policies on policies.sla_code = 'S07'

)

select
    episodes.*,
    cast(case when episodes.sla_code = 'S14' then greatest(
        {{ minutes_between('episodes.started_at', 'promised.promised_at') }}
        - {{ threshold('supplier_buffer_minutes') }}, 0) end as bigint) as budget_minutes
from {{ ref('int_clocks__started') }} as episodes
left join promised
    on episodes.order_id = promised.order_id and episodes.sla_code = 'S14'
