{{ config(meta={'touched': 'all'}) }}
with

run as (

    select
        lines.*,
        coalesce(positions.sellable_quantity, 0) as sellable_quantity,
        sum(lines.open_quantity) over (
            partition by lines.sku, lines.warehouse_id
            order by lines.priority_number desc, lines.paid_at, lines.order_id,
                lines.line_number nulls last, lines.line_id
            rows between unbounded preceding and current row
        ) as running_quantity
    from {{ ref('int_stock__open_lines') }} as lines
    left join {{ ref('fct_stock_positions') }} as positions
        on lines.sku = positions.sku and lines.warehouse_id = positions.warehouse_id
    where lines.is_hard

),

final as (

    select
        line_id,
        order_id,
        sku,
        warehouse_id,
        open_quantity,
        priority_number,
        paid_at,
        cast(running_quantity as decimal(18, 4)) as running_quantity,
        sellable_quantity,
        running_quantity <= sellable_quantity as is_served,
        cast(greatest(0, least(
            open_quantity, running_quantity - greatest(sellable_quantity, 0)
        )) as decimal(18, 4)) as shortfall_quantity
    from run

)

select * from final
