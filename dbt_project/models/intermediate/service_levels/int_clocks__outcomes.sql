{{ config(materialized='ephemeral') }}
-- One row per clock whose outcome is known: it ended, or its deadline passed before the newest event.
-- `tenth` says how many tenths of its time had passed when it ended; 10 is a breach.
with

horizon as (

    select max(occurred_at) as horizon_at from {{ ref('fct_order_events') }}

),

known as (

    select
        clocks.sla_code,
        coalesce(shipments.carrier, clocks.channel, '') as segment,
        clocks.started_at,
        least(coalesce(clocks._ended_at, clocks.due_at), clocks.due_at) as known_at,
        coalesce(clocks.stopped_at, clocks.cancelled_at, clocks._ended_at) as ended_at,
        clocks.due_at
    from {{ ref('fct_sla_clocks') }} as clocks
    inner join {{ ref('sla_policies') }} as policies
        on clocks.sla_code = policies.sla_code and policies.is_met_kept
    left join {{ ref('fct_shipments') }} as shipments
        on clocks.entity_type = 'shipment' and clocks.entity_id = shipments.shipment_id
    cross join horizon
    where clocks.due_at > clocks.started_at
        and (clocks._ended_at is not null or clocks.due_at <= horizon.horizon_at)

),

final as (

    select
        sla_code,
        segment,
        {{ iso_weekday('started_at') }} as weekday,
        cast(floor(extract(hour from started_at) / 6) as integer) as day_quarter,
        case
            when ended_at is null or ended_at > due_at then 10
            else least(9, greatest(0, cast(floor(
                10 * cast({{ minutes_between('started_at', 'ended_at') }} as double)
                / greatest(1, {{ minutes_between('started_at', 'due_at') }})
            ) as integer)))
        end as tenth,
        started_at,
        known_at
    from known

)

select * from final
