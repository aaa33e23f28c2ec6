{{ config(materialized='ephemeral') }}
-- Goods lines of touched orders of shops whose stock is ours, and what they take: since when, until when.
with

stated as (

    select
        order_id,
        max(warehouse_id) as warehouse_id,
        max(case when event_type = 'HANDED_OVER' then occurred_at end) as handed_over_at,
        max(case when event_type = 'STOCK_RESERVED' then occurred_at end) as stated_at,
        max(case when event_type in ('RESERVATION_RELEASED', 'RESERVATION_EXPIRED')
            then occurred_at end) as released_at,
        max(case when event_type = 'REFUND_SUCCEEDED' and detail_code = 'cancel'
            then occurred_at end) as given_back_at
    from {{ order_log() }}
    group by order_id

),

-- A set reserves its parts; a code of no article reserves nothing.
wanted as (

    select
        lines.line_id,
        lines.order_id,
        lines.line_number,
        coalesce(kits.component_sku, lines.sku) as sku,
        case when kits.kit_sku is not null then lines.sku end as kit_sku,
        lines.quantity * coalesce(kits.component_quantity, 1) as quantity,
        (lines.quantity - lines.shipped_quantity - lines.cancelled_quantity)
            * coalesce(kits.component_quantity, 1) as open_quantity
    from {{ ref('int_order_lines__settled') }} as lines
    left join {{ ref('stg_kit_components') }} as kits
        on lines.sku = kits.kit_sku and kits.component_quantity > 0
    where lines.is_goods and lines.sku is not null and not lines.is_code_unknown

),

lived as (

    select
        wanted.*,
        orders.channel,
        orders.shop_id,
        orders.placed_at,
        coalesce(orders.default_warehouse_id, stated.warehouse_id) as warehouse_id,
        folded.order_status,
        folded.confirmed_at,
        coalesce(folded.paid_at, folded.confirmed_at, folded.placed_at) as paid_at,
        stated.stated_at,
        stated.released_at,
        campaigns.campaign_code is not null as is_promoted,
        folded.order_status not in ('PLACED', 'CONFIRMED') or wanted.open_quantity <= 0
            or supplied.line_id is not null as is_ended,
        freed.freed_at,
        freed.freed_until_at,
        wanted.order_id in (select order_id from {{ ref('int_reviews__held') }}
            where hold_type = 'stock' and released_at is null) as is_held,
        stated.released_at is not null
            and (stated.stated_at is null or stated.released_at >= stated.stated_at) as is_released,
        coalesce(
            supplied.told_at,
            case when folded.order_status in ('CANCELLED', 'EXPIRED') then folded.cancelled_at end,
            stated.handed_over_at, stated.given_back_at, folded.completed_at, folded.last_event_at
        ) as out_at
    from wanted
    inner join {{ ref('int_orders__priced') }} as orders on wanted.order_id = orders.order_id
    inner join {{ ref('int_orders__folded') }} as folded on wanted.order_id = folded.order_id
    left join stated on wanted.order_id = stated.order_id
    left join {{ ref('int_stock__freed') }} as freed on wanted.order_id = freed.order_id
    -- Once a supplier is told to ship a line, nothing of our own waits for it.
    left join {{ ref('int_supplies__lines') }} as supplied on wanted.line_id = supplied.line_id
    left join {{ ref('campaigns') }} as campaigns
        on orders.placed_at >= campaigns.starts_at and orders.placed_at < campaigns.ends_at
    where orders.is_stock_tracked

)

select * from lived
