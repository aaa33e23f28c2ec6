{{ config(materialized='ephemeral') }}
-- What the goods of an order cost us: of pieces that were not cancelled and did not come back fit
-- to be sold again. Unknown as soon as the cost of one of them is.
with

lines as (

    select
        order_id,
        coalesce(sku, '') as sku,
        sum(quantity - cancelled_quantity) as quantity
    from {{ ref('fct_order_lines') }}
    where line_kind in ('goods', 'gift') and {{ touched('order_id', 'costs') }}
    group by order_id, coalesce(sku, '')

),

came_back as (

    select order_id, sku, sum(coalesce(passed_quantity, 0)) as quantity
    from {{ ref('fct_after_sales_cases') }}
    where case_kind = 'return' and sku is not null and {{ touched('order_id', 'costs') }}
    group by order_id, sku

),

-- A set costs what its parts cost; unknown if one of them is, or if they are of two currencies.
costs as (

    select sku, cost_amount, currency_code
    from {{ ref('stg_products') }}
    where cost_amount is not null
    union all
    select
        kits.kit_sku as sku,
        cast(sum(kits.component_quantity * parts.cost_amount) as decimal(18, 4)) as cost_amount,
        min(parts.currency_code) as currency_code
    from {{ ref('stg_kit_components') }} as kits
    left join {{ ref('stg_products') }} as parts on kits.component_sku = parts.sku
    where kits.kit_sku not in (
        select sku from {{ ref('stg_products') }} where cost_amount is not null
    )
    group by kits.kit_sku
    having count(*) = count(parts.cost_amount)
        and min(parts.currency_code) = max(parts.currency_code)

),

final as (

    select
        lines.order_id,
        sum(greatest(lines.quantity - coalesce(came_back.quantity, 0), 0)) as kept_quantity,
        case
            when count(*) = count(cast(costs.cost_amount as double) * rates.factor)
                then sum(cast(greatest(lines.quantity - coalesce(came_back.quantity, 0), 0)
                    as double) * costs.cost_amount * rates.factor)
        end as amount
    from lines
    left join came_back on lines.order_id = came_back.order_id and lines.sku = came_back.sku
    left join costs on lines.sku = costs.sku
    left join {{ ref('int_orders__rated') }} as rates
        on lines.order_id = rates.order_id and costs.currency_code = rates.cost_currency_code
    group by lines.order_id

)

select * from final
