{{ config(materialized='ephemeral') }}
-- One row per line of an order that a supplier was told to ship: what was asked for last, at which
-- price. Without a line number the stock code is the line; several lines of one code are one.
with

ordered as (

    select order_id, line_id as line_key, quantity
    from {{ ref('stg_order_lines') }}
    where {{ touched('order_id') }}
    union all
    select order_id, sku as line_key, sum(quantity) as quantity
    from {{ ref('stg_order_lines') }}
    where sku is not null and {{ touched('order_id') }}
    group by order_id, sku

),

switched as (

    select order_id, max(decided_at) as switched_at
    from {{ ref('int_decisions__kept') }}
    where verb = 'switch_supplier' and not is_undone
    group by order_id

),

ranked as (

    select
        *,
        coalesce(line_id, sku, '') as line_key,
        row_number() over (
            partition by order_id, coalesce(line_id, sku, '')
            order by event_at desc, record_key desc
        ) as newest_rank
    from {{ ref('stg_fulfilment_events') }}
    where event_code = 'supplier_notified' and {{ touched('order_id') }}

)

select
    told.order_id,
    told.line_key,
    told.line_id,
    told.sku,
    told.supplier_id,
    coalesce(told.quantity, ordered.quantity, 0) as quantity,
    coalesce(ordered.quantity, told.quantity, 0) as ordered_quantity,
    told.unit_price_amount,
    told.currency_code,
    told.shop_id,
    told.event_at as told_at,
    told.event_known_at as told_known_at,
    coalesce(switched.switched_at >= told.event_at, false) as is_switched
from ranked as told
left join ordered on told.order_id = ordered.order_id and told.line_key = ordered.line_key
left join switched on told.order_id = switched.order_id
where told.newest_rank = 1
