{{ config(meta={'touched': 'skus'}) }}
with

days as (

    select
        sku,
        warehouse_id,
        {{ reporting_date('moved_at') }} as stock_date,
        sum(case when quantity > 0 then quantity else 0 end) as in_quantity,
        sum(case when quantity < 0 then -quantity else 0 end) as out_quantity,
        sum(case when movement_type = 'ship' then -quantity else 0 end) as sold_quantity
    from {{ ref('int_stock__moved') }}
    where movement_type not in {{ hold_types() }} and is_counted
    group by sku, warehouse_id, {{ reporting_date('moved_at') }}

),

chained as (

    select
        *,
        sum(in_quantity - out_quantity) over (
            partition by sku, warehouse_id order by stock_date
            rows between unbounded preceding and current row
        ) as closing_quantity
    from days

),

final as (

    select
        sku,
        warehouse_id,
        stock_date,
        cast(closing_quantity - in_quantity + out_quantity as decimal(18, 4)) as opening_quantity,
        cast(in_quantity as decimal(18, 4)) as in_quantity,
        cast(out_quantity as decimal(18, 4)) as out_quantity,
        cast(closing_quantity as decimal(18, 4)) as closing_quantity,
        cast(sold_quantity as decimal(18, 4)) as sold_quantity
    from chained

)

select * from final
