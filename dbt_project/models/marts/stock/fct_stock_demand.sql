{{ config(meta={'touched': 'all'}) }}
with

supply as (

    select
        *,
        sum(expected_quantity) over (
            partition by sku, warehouse_id order by due_at, inbound_id
            rows between unbounded preceding and current row
        ) as coming_quantity
    from {{ ref('fct_stock_inbound') }}
    where due_at is not null

),

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
    from {{ ref('fct_stock_reservations') }} as lines
    left join {{ ref('fct_stock_positions') }} as positions
        on lines.sku = positions.sku and lines.warehouse_id = positions.warehouse_id
    where lines.is_active and lines.reservation_type = 'hard'

),

-- The first delivery by which enough will have come for the line.
covered as (

    select run.line_id, run.sku, min(supply.due_at) as covered_at
    from run
    inner join supply
        on run.sku = supply.sku and run.warehouse_id = supply.warehouse_id
        and supply.coming_quantity >= run.running_quantity - run.sellable_quantity
    where run.running_quantity > run.sellable_quantity
    group by run.line_id, run.sku

),

final as (

    select
        run.line_id,
        run.order_id,
        run.sku,
        run.warehouse_id,
        run.open_quantity,
        run.priority_number,
        run.paid_at,
        cast(run.running_quantity as decimal(18, 4)) as running_quantity,
        run.sellable_quantity,
        run.running_quantity <= run.sellable_quantity as is_served,
        run.is_held,
        cast(greatest(0, least(
            run.open_quantity, run.running_quantity - greatest(run.sellable_quantity, 0)
        )) as decimal(18, 4)) as shortfall_quantity,
        covered.covered_at
    from run
    left join covered on run.line_id = covered.line_id and run.sku = covered.sku

)

select * from final
