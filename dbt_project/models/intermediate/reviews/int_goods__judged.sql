{{ config(materialized='ephemeral') }}
-- One row per order under review: what its prices and quantities are worth beside what was
-- sold before. History is read only for lines that can be out of line at all.
with

sold as (

    select
        lines.line_id,
        lines.order_id,
        lines.sku,
        lines.currency_code,
        lines.quantity,
        orders.placed_at,
        cast(coalesce(
            lines.line_amount,
            lines.quantity * lines.unit_price_amount - coalesce(lines.discount_amount, 0)
        ) as decimal(18, 4)) / nullif(lines.quantity, 0) as price_amount
    from {{ ref('stg_order_lines') }} as lines
    inner join {{ ref('stg_orders') }} as orders on lines.order_id = orders.order_id
    where coalesce(lines.line_kind, 'goods') = 'goods' and not coalesce(orders.is_test, false)

),

judged as (

    select sold.*
    from sold
    inner join {{ ref('int_orders__priced') }} as orders on sold.order_id = orders.order_id
    where orders.is_reviewed

),

dearest as (

    select sku, currency_code, max(price_amount) as price_amount
    from sold
    where sku in (select sku from judged)
    group by sku, currency_code

),

cheap as (

    select judged.*
    from judged
    inner join dearest
        on judged.sku = dearest.sku
        and judged.currency_code is not distinct from dearest.currency_code
        and judged.price_amount < dearest.price_amount * {{ highest_share('price_to_median_ratio') }}

),

medians as (

    select
        cheap.line_id,
        cheap.order_id,
        cheap.price_amount / nullif(median(history.price_amount), 0) as price_to_median_ratio
    from cheap
    inner join sold as history
        on cheap.sku = history.sku
        and cheap.currency_code is not distinct from history.currency_code
        and history.placed_at < cheap.placed_at
        and history.placed_at >= cheap.placed_at - interval '30' day
    group by cheap.line_id, cheap.order_id, cheap.price_amount
    having count(*) >= {{ threshold('price_history_lines') }}

),

shares as (

    select
        judged.line_id,
        judged.order_id,
        cast(count(*) filter (where history.quantity >= judged.quantity) as decimal(18, 4))
            / count(*) as quantity_share_ratio
    from judged
    inner join sold as history
        on judged.sku = history.sku
        and history.placed_at < judged.placed_at
        and history.placed_at >= judged.placed_at - interval '90' day
    where judged.quantity > {{ threshold('outlier_floor_quantity') }}
    group by judged.line_id, judged.order_id
    having count(*) >= {{ threshold('quantity_history_lines') }}

)

select
    judged.order_id,
    min(case when products.currency_code = judged.currency_code
        then judged.price_amount / nullif(products.cost_amount, 0) end) as price_to_cost_ratio,
    min(medians.price_to_median_ratio) as price_to_median_ratio,
    min(shares.quantity_share_ratio) as quantity_share_ratio
from judged
left join {{ ref('stg_products') }} as products on judged.sku = products.sku
left join medians on judged.line_id = medians.line_id
left join shares on judged.line_id = shares.line_id
group by judged.order_id
