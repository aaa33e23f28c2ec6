{{ config(materialized='ephemeral') }}
-- One row per order that goods are still to be sent of: what they weigh and whether they break, by
-- what nobody sent or cancelled yet. The weight is unknown as soon as that of one of them is.
with

-- A set weighs what its parts weigh, unless somebody weighed the set.
articles as (

    select sku, weight, is_fragile
    from {{ ref('stg_products') }}
    where weight is not null
    union all
    select
        kits.kit_sku as sku,
        case when count(*) = count(parts.weight)
            then cast(sum(kits.component_quantity * parts.weight) as decimal(18, 4)) end as weight,
        max(case when parts.is_fragile then 1 else 0 end) = 1 as is_fragile
    from {{ ref('stg_kit_components') }} as kits
    left join {{ ref('stg_products') }} as parts on kits.component_sku = parts.sku
    where kits.kit_sku not in (
        select sku from {{ ref('stg_products') }} where weight is not null
    )
    group by kits.kit_sku

),

lines as (

    select
        lines.order_id,
        case
            when count(*) = count(articles.weight)
                then cast(sum(
                    (lines.quantity - lines.cancelled_quantity - lines.shipped_quantity)
                    * articles.weight) as decimal(18, 4))
        end as weight,
        max(case when articles.is_fragile then 1 else 0 end) = 1 as is_fragile
    from {{ ref('fct_order_lines') }} as lines
    left join articles on lines.sku = articles.sku
    where lines.line_kind in ('goods', 'gift')
        and lines.quantity > lines.cancelled_quantity + lines.shipped_quantity
        and {{ touched('lines.order_id', 'costs') }}
    group by lines.order_id

)

select
    orders.order_id,
    orders.currency_code,
    orders.placed_date,
    orders.ship_country,
    orders.ship_region,
    orders.ship_city,
    coalesce(orders.delivery_mode, 'standard') as delivery_mode,
    orders.requires_insurance,
    coalesce(orders.goods_amount, 0) - orders.discount_amount as worth_amount,
    orders.ship_by_at,
    orders.promised_at,
    lines.weight,
    lines.is_fragile
from {{ ref('fct_orders') }} as orders
inner join lines on orders.order_id = lines.order_id
-- A parcel does not always say which lines are in it; the order knows how many pieces left.
where orders.is_valid
    and orders.order_status not in ('CANCELLED', 'EXPIRED', 'COMPLETED', 'ARCHIVED')
    and orders.shipped_quantity < orders.ordered_quantity - orders.cancelled_quantity
    and {{ touched('orders.order_id', 'costs') }}
