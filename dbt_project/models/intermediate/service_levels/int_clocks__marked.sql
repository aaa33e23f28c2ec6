{{ config(materialized='ephemeral') }}
-- One row per event that moves a clock, with the clock's entity: an order and what belongs to it, or
-- a thing with a log of its own. Parcel silence has its own model, and so have clocks that run once.
with

-- Scans end exceptions, but only few parcels have one: the others are left out before any sort.
troubled as (

    select distinct events.shipment_id
    from {{ order_log() }} as events
    inner join {{ ref('sla_events') }} as roles
        on events.event_type = roles.event_type
        and coalesce(roles.detail_code, events.detail_code, '') = coalesce(events.detail_code, '')
        and roles.role = 'start'
    inner join {{ ref('sla_policies') }} as policies
        on roles.sla_code = policies.sla_code and policies.entity_type = 'shipment'
    where events.shipment_id is not null

),

of_orders as (

    select
        roles.sla_code,
        policies.entity_type,
        case policies.entity_type
            when 'order' then events.order_id
            when 'shipment' then events.shipment_id
            when 'case' then events.case_id
            when events.entity_type then events.entity_id
        end as entity_id,
        roles.role,
        {% for column in ['order_id', 'event_type', 'detail_code', 'occurred_at', 'event_rank',
            'event_id'] -%}
        events.{{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ order_log() }} as events
    inner join {{ ref('sla_events') }} as roles
        on events.event_type = roles.event_type
        and coalesce(roles.detail_code, events.detail_code, '') = coalesce(events.detail_code, '')
    inner join {{ ref('sla_policies') }} as policies on roles.sla_code = policies.sla_code
    left join {{ ref('int_orders__presold') }} as presold on events.order_id = presold.order_id
    where roles.role not like '%_once'
        and {{ starts_promise('roles', 'events', 'presold') }}
        and (policies.entity_type <> 'shipment'
            or events.shipment_id in (select shipment_id from troubled))

),

of_entities as (

    select
        roles.sla_code,
        policies.entity_type,
        events.entity_id,
        roles.role,
        cast(null as {{ type_text() }}) as order_id,
        events.event_type,
        events.detail_code,
        events.occurred_at,
        events.event_rank,
        events.event_id
    from {{ ref('fct_entity_events') }} as events
    inner join {{ ref('sla_events') }} as roles
        on events.event_type = roles.event_type
        and coalesce(roles.detail_code, events.detail_code, '') = coalesce(events.detail_code, '')
    inner join {{ ref('sla_policies') }} as policies
        on roles.sla_code = policies.sla_code and events.entity_type = policies.entity_type

),

marks as (

    select * from of_orders
    union all
    select * from of_entities

),

-- What has come true cannot be promised any more, such as shipping when the money comes later.
barred as (

    select sla_code, entity_id, min(occurred_at) as barred_at
    from marks
    where role = 'bar'
    group by sla_code, entity_id

),

-- Where nothing starts the clock properly, what is told instead does.
proper as (

    select distinct sla_code, entity_id
    from marks
    where role = 'start' and sla_code in (
        select sla_code from {{ ref('sla_events') }} where role = 'start_alone'
    )

),

final as (

    select marks.*
    from marks
    left join proper
        on marks.sla_code = proper.sla_code
        and marks.entity_id = proper.entity_id
        and marks.role = 'start_alone'
    left join barred
        on marks.sla_code = barred.sla_code
        and marks.entity_id = barred.entity_id
        and marks.role = 'start'
    where marks.entity_id is not null
        and marks.role <> 'bar'
        and proper.entity_id is null
        and (barred.barred_at is null or barred.barred_at >= marks.occurred_at)

)

select * from final
