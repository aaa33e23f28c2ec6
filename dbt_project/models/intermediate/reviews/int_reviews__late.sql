{{ config(materialized='ephemeral') }}
-- One row per thing that stops an order after it came in: the buyer asks for the money back before it
-- ships, the channel raises an alert, a label cannot be made. `ended_at`: when the cause went away.
with

gone as (

    select order_id, min(gone_at) as gone_at
    from (
        select order_id, shipped_at as gone_at from {{ ref('stg_shipments') }}
        where {{ touched('order_id') }}
        union all
        select order_id, event_at as gone_at from {{ ref('stg_fulfilment_events') }}
        where event_code in ('handed_over', 'supplier_shipped') and {{ touched('order_id') }}
    ) as steps
    group by order_id

),

{{ refund_twins() }},

refund_steps as (

    select
        steps.order_id,
        coalesce(twins.twin_id, steps.refund_id) as subject_id,
        min(case when refund_status = 'requested' then refunded_at end) as begun_at,
        min(case when refund_status = 'requested' then refunded_known_at end) as begun_known_at,
        min(case when refund_status in ('rejected', 'succeeded') then refunded_at end) as ended_at,
        min(case when refund_status in ('rejected', 'succeeded') then refunded_known_at end)
            as ended_known_at
    from {{ ref('stg_refunds') }} as steps
    left join twins
        on steps.source = 'ledger' and steps.refund_id = twins.request_number
        and steps.order_id = twins.order_id
    where steps.order_id is not null and {{ touched('steps.order_id') }}
    group by steps.order_id, coalesce(twins.twin_id, steps.refund_id)

),

alerts as (

    select
        alerts.order_id,
        alerts.risk_id as subject_id,
        coalesce(alerts.seen_at, orders.placed_at) as begun_at,
        alerts.seen_known_at as begun_known_at,
        min(accepts.seen_at) as ended_at,
        min(accepts.seen_known_at) as ended_known_at
    from {{ ref('stg_order_risks') }} as alerts
    inner join {{ ref('int_orders__priced') }} as orders on alerts.order_id = orders.order_id
    left join {{ ref('stg_order_risks') }} as accepts
        on alerts.order_id = accepts.order_id
        and accepts.recommendation = 'accept' and accepts.seen_at > coalesce(alerts.seen_at, orders.placed_at)
    where alerts.recommendation <> 'accept'
    group by alerts.order_id, alerts.risk_id, orders.placed_at, alerts.seen_at,
        alerts.seen_known_at

),

labels as (

    select
        failures.order_id,
        failures.event_key as subject_id,
        failures.event_at as begun_at,
        failures.event_known_at as begun_known_at,
        min(made.event_at) as ended_at,
        min(made.event_known_at) as ended_known_at
    from {{ ref('stg_fulfilment_events') }} as failures
    left join {{ ref('stg_fulfilment_events') }} as made
        on failures.order_id = made.order_id
        and made.event_code in ('labelled', 'handed_over') and made.event_at >= failures.event_at
    where failures.event_code = 'label_failed' and {{ touched('failures.order_id') }}
    group by failures.order_id, failures.event_key, failures.event_at, failures.event_known_at

),

unioned as (

    select 'open_refund_count' as fact_name, *, 1 as fact_value
    from refund_steps where begun_at is not null
    union all
    select 'channel_alert_count' as fact_name, *, 1 as fact_value from alerts
    union all
    select 'label_error_count' as fact_name, *, 1 as fact_value from labels
    union all
    select 'unavailable_quantity' as fact_name, * from {{ ref('int_reviews__short') }}

),

final as (

    select
        unioned.fact_name,
        unioned.order_id,
        unioned.subject_id,
        case when unioned.fact_name = 'label_error_count' then unioned.begun_at
            else greatest(unioned.begun_at, entries.entered_at) end as hit_at,
        greatest(unioned.begun_known_at, entries.entered_known_at) as known_at,
        unioned.ended_at,
        unioned.ended_known_at,
        unioned.fact_value
    from unioned
    inner join {{ ref('int_orders__entries') }} as entries on unioned.order_id = entries.order_id
    left join gone on unioned.order_id = gone.order_id
    where (gone.gone_at is null or unioned.begun_at < gone.gone_at)
        and (unioned.ended_at is null or unioned.ended_at > entries.entered_at)

)

select * from final
