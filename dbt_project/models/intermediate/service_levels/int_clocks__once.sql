{{ config(materialized='ephemeral') }}
-- One row per clock that runs once in the life of its order or parcel: from the first of its start
-- events to the first of its stops. No sorting: nearly every order has several of these.
{%- set promised = 'coalesce(parcels.promised_at, orders.promised_at, estimates.expected_at)' %}
with

marks as (

    select
        roles.sla_code,
        roles.role,
        policies.entity_type,
        case policies.entity_type
            when 'order' then events.order_id
            when 'shipment' then events.shipment_id
        end as entity_id,
        events.order_id,
        events.occurred_at,
        -- Earliest first, and of one moment always the same one.
        lpad(cast({{ epoch_us('events.occurred_at') }} as {{ type_text() }}), 17, '0')
            || events.event_id as moment_key
    from {{ order_log() }} as events
    inner join {{ ref('sla_events') }} as roles
        on events.event_type = roles.event_type
        and coalesce(roles.detail_code, events.detail_code, '') = coalesce(events.detail_code, '')
        and roles.role in ('start_once', 'stop_once', 'cancel_once')
    inner join {{ ref('sla_policies') }} as policies on roles.sla_code = policies.sla_code

),

first_ones as (

    select
        sla_code,
        entity_type,
        entity_id,
        min(order_id) as order_id,
        {% for role in ['start', 'stop', 'cancel'] -%}
        min(case when role = '{{ role }}_once' then occurred_at end) as {{ role }}_at,
        substr(min(case when role = '{{ role }}_once' then moment_key end), 18)
            as {{ role }}_event_id{{ ',' if not loop.last }}
        {% endfor %}
    from marks
    where entity_id is not null
    group by sla_code, entity_type, entity_id

),

-- What a system does not report is not waited for: a shop without a warehouse's feed, a carrier
-- whose scans nobody can read, a channel that has never shown anything of the order.
expected as (

    select
        firsts.*,
        -- A parcel has to be there when the channel said, or the carrier, or as its lane is usual.
        case
            when firsts.sla_code <> 'S18' then null
            when {{ promised }} > firsts.start_at
                then {{ minutes_between('firsts.start_at', promised) }}
            else coalesce(
                of_region.budget_minutes, of_carrier.budget_minutes, of_any.budget_minutes
            )
        end as budget_minutes
    from first_ones as firsts
    inner join {{ ref('int_orders__priced') }} as orders on firsts.order_id = orders.order_id
    left join {{ ref('int_shipments__handed') }} as parcels
        on firsts.entity_type = 'shipment' and firsts.entity_id = parcels.shipment_id
    left join {{ ref('int_estimates__standing') }} as estimates
        on firsts.sla_code = 'S18' and firsts.entity_id = estimates.shipment_id
    left join {{ ref('delivery_lanes') }} as of_region
        on parcels.carrier = of_region.carrier and orders.ship_region = of_region.ship_region
    left join {{ ref('delivery_lanes') }} as of_carrier
        on parcels.carrier = of_carrier.carrier and of_carrier.ship_region = '*'
    left join {{ ref('delivery_lanes') }} as of_any
        on of_any.carrier = '*' and of_any.ship_region = '*'
    left join {{ ref('channel_promises') }} as promises
        on firsts.sla_code = promises.sla_code and orders.channel = promises.channel
        and firsts.order_id in (
            select order_id from {{ ref('stg_channel_status') }} where {{ touched('order_id') }}
        )
    where firsts.start_at is not null
        and (firsts.sla_code <> 'S08' or orders.reports_fulfilment)
        and (firsts.sla_code not in ('S13', 'S18') or parcels.carrier in (
            select carrier from {{ ref('carrier_state_map') }} where carrier <> '*'
        ) or (firsts.sla_code = 'S18' and coalesce(
            firsts.stop_at, parcels.promised_at, estimates.expected_at) is not null))
        and (firsts.sla_code not in (select sla_code from {{ ref('channel_promises') }})
            or promises.sla_code is not null)
        and (firsts.sla_code <> 'S12' or parcels.tracking_number is not null)

),

final as (

    select
        sla_code,
        entity_type,
        entity_id,
        cast(1 as bigint) as episode_number,
        order_id,
        cast(null as {{ type_text() }}) as start_detail_code,
        start_at as started_at,
        start_event_id,
        case when coalesce(stop_at, cancel_at) is not null then greatest(start_at, least(
            coalesce(stop_at, cancel_at), coalesce(cancel_at, stop_at)
        )) end as ended_at,
        case when stop_at <= coalesce(cancel_at, stop_at) then greatest(start_at, stop_at) end
            as stopped_at,
        case when stop_at <= coalesce(cancel_at, stop_at) then stop_event_id end as stop_event_id,
        case when cancel_at < coalesce(stop_at, {{ add_minutes('cancel_at', '1') }})
            then greatest(start_at, cancel_at) end as cancelled_at,
        cast(budget_minutes as bigint) as budget_minutes
    from expected

)

select * from final
