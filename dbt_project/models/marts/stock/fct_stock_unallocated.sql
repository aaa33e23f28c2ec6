{{ config(meta={'touched': 'all'}) }}
-- What the houses together can still promise serves these lines; what none can is oversold.
with

free as (

    select sku, sum(greatest(atp_quantity, 0)) as free_quantity
    from {{ ref('fct_stock_positions') }}
    group by sku

),

run as (

    select
        lines.*,
        coalesce(free.free_quantity, 0) as free_quantity,
        sum(lines.open_quantity) over (
            partition by lines.sku
            order by lines.priority_number desc, lines.paid_at, lines.order_id,
                lines.line_number nulls last, lines.line_id
            rows between unbounded preceding and current row
        ) as running_quantity
    from {{ ref('int_stock__unallocated') }} as lines
    left join free on lines.sku = free.sku

),

final as (

    select
        line_id,
        order_id,
        channel,
        shop_id,
        sku,
        kit_sku,
        open_quantity,
        confirmed_at,
        cast(free_quantity as decimal(18, 4)) as free_quantity,
        cast(running_quantity as decimal(18, 4)) as running_quantity,
        running_quantity <= free_quantity as is_served,
        cast(greatest(0, least(open_quantity, running_quantity - free_quantity))
            as decimal(18, 4)) as oversold_quantity
    from run

)

select * from final
