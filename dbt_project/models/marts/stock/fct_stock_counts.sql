{{ config(meta={'touched': 'skus'}) }}
with

steps as (

    select
        count_line_id,
        max(count_id) as count_id,
        max(sku) as sku,
        max(warehouse_id) as warehouse_id,
        max(lot) as lot,
        max(case when count_step = 'counted' then book_quantity end) as book_quantity,
        max(case when count_step = 'counted' then counted_quantity end) as counted_quantity,
        max(case when count_step = 'counted' then event_at end) as counted_at,
        min(case when count_step in ('approved', 'rejected') then event_at end) as decided_at,
        max(case when count_step = 'approved' then 'approved' end) as approved_step,
        max(case when count_step = 'rejected' then 'rejected' end) as rejected_step,
        max(reason) as reason
    from {{ ref('int_counts__stepped') }}
    where {{ touched('sku', 'skus') }}
    group by count_line_id

),

classed as (

    select
        steps.*,
        steps.counted_quantity - steps.book_quantity as variance_quantity,
        {{ stock_policy('abc_class') }} as abc_class,
        products.cost_amount,
        products.currency_code
    from steps
    left join {{ ref('stg_products') }} as products on steps.sku = products.sku
    {{ join_stock_policies('steps') }}

),

final as (

    select
        classed.count_line_id,
        classed.count_id,
        classed.sku,
        classed.warehouse_id,
        classed.lot,
        classed.abc_class,
        classed.book_quantity,
        classed.counted_quantity,
        cast(classed.variance_quantity as decimal(18, 4)) as variance_quantity,
        -- A line with nothing in the books is right only when nothing was found.
        abs(classed.variance_quantity) <= tolerances.tolerance_ratio * greatest(classed.book_quantity, 0)
            as is_within_tolerance,
        cast(classed.variance_quantity * classed.cost_amount as decimal(18, 4)) as variance_amount,
        classed.currency_code,
        classed.counted_at,
        classed.decided_at,
        coalesce(classed.rejected_step, classed.approved_step, 'counted') as count_status,
        classed.reason
    from classed
    inner join {{ ref('stock_tolerances') }} as tolerances
        on classed.abc_class = tolerances.abc_class
    where classed.counted_at is not null

)

select * from final
