{{ config(materialized='ephemeral') }}
-- One row per line of a supplier's delivery, with what had been shipped of the line so far, and
-- whether with it the order has all that suppliers were asked for. More of one line makes up for
-- nothing that another line lacks.
with

told as (

    select
        *,
        sum(case when is_switched then 0 else quantity end) over (partition by order_id)
            as wanted_quantity
    from {{ ref('int_supplies__told') }}

),

approved as (

    select order_id, min(event_at) as approved_at
    from {{ ref('stg_fulfilment_events') }}
    where event_code = 'ship_approved' and {{ touched('order_id') }}
    group by order_id

),

deliveries as (

    select
        events.*,
        coalesce(events.line_id, events.sku, '') as line_key,
        told.supplier_id as told_supplier_id,
        told.quantity as told_quantity,
        told.ordered_quantity,
        told.unit_price_amount as told_price_amount,
        told.currency_code as told_currency_code,
        told.wanted_quantity,
        coalesce(events.quantity, told.quantity, 0) as shipped_quantity,
        approved.approved_at
    from {{ ref('stg_fulfilment_events') }} as events
    left join told
        on events.order_id = told.order_id
        and coalesce(events.line_id, events.sku, '') = told.line_key
    left join approved on events.order_id = approved.order_id
    where events.event_code = 'supplier_shipped' and {{ touched('events.order_id') }}

),

run as (

    select
        *,
        sum(shipped_quantity) over (
            partition by order_id, line_key order by event_at, record_key
            rows between unbounded preceding and current row
        ) as running_quantity
    from deliveries

),

counted as (

    select
        *,
        sum(
            least(running_quantity, told_quantity)
            - least(running_quantity - shipped_quantity, told_quantity)
        ) over (
            partition by order_id order by event_at, record_key
            rows between unbounded preceding and current row
        ) as counted_quantity
    from run

)

select
    order_id,
    line_key,
    line_id,
    sku,
    coalesce(supplier_id, told_supplier_id) as supplier_id,
    shipped_quantity,
    running_quantity,
    told_quantity,
    ordered_quantity,
    unit_price_amount,
    told_price_amount,
    coalesce(currency_code, told_currency_code) as currency_code,
    coalesce(told_currency_code, currency_code) as told_currency_code,
    cast(shipped_quantity * coalesce(unit_price_amount, told_price_amount) as decimal(18, 4))
        as amount,
    carrier,
    tracking_number,
    approved_at,
    coalesce(counted_quantity >= wanted_quantity, false) as is_complete,
    event_at,
    event_known_at,
    {% for column in lineage_columns() -%}
    {{ column }}{{ ',' if not loop.last }}
    {% endfor -%}
from counted
