-- One row per touched sku, warehouse and moment: stock, promises and pace of sale right after it.
-- A table, because alerts, plans and days all read it.
with

run as (

    select
        sku,
        warehouse_id,
        point_at,
        sold,
        {%- for name in ['on_hand', 'damaged', 'frozen', 'held', 'hard', 'soft'] %}
        sum({{ name }}) over so_far as {{ name }}_quantity,
        {%- endfor %}
        lead(point_at) over place as until_at,
        min(point_at) over place as first_at
    from {{ ref('int_stock__points') }}
    window so_far as (
        partition by sku, warehouse_id order by point_at
        rows between unbounded preceding and current row
    ), place as (partition by sku, warehouse_id order by point_at)

),

sellable as (

    select
        *,
        on_hand_quantity - greatest(damaged_quantity, 0) - greatest(frozen_quantity, 0)
            - greatest(held_quantity, 0) as sellable_quantity
    from run

),

-- Days out of stock sell nothing: they must not make the pace look slower than it is.
paced as (

    select
        *,
        sellable_quantity - hard_quantity - soft_quantity as atp_quantity,
        sum(sold) over four_weeks as sold_quantity,
        sum(case when sellable_quantity <= 0 and until_at is not null
            then {{ minutes_between('point_at', 'until_at') }} else 0 end) over four_weeks
            / cast(1440 as double) as out_days,
        {{ minutes_between('first_at', 'point_at') }} / cast(1440 as double) as age_days
    from sellable
    window four_weeks as (
        partition by sku, warehouse_id order by point_at
        range between interval '28' day preceding and current row
    )

),

dated as (

    select
        *,
        sold_quantity / greatest(1, least(28, age_days) - least(28, out_days)) as daily_quantity
    from paced

),

final as (

    select
        dated.sku,
        dated.warehouse_id,
        dated.point_at,
        dated.until_at,
        dated.on_hand_quantity,
        dated.sellable_quantity,
        dated.hard_quantity,
        dated.soft_quantity,
        dated.atp_quantity,
        cast(dated.daily_quantity as decimal(18, 4)) as daily_quantity,
        -- What a person said of the place counts before what is worked out.
        cast(coalesce(levels.level_quantity, greatest(
            {{ stock_policy('threshold_quantity') }},
            coalesce(products.safety_stock_quantity, 0),
            dated.daily_quantity * {{ stock_policy('lead_time_days') }}
        )) as decimal(18, 4)) as level_quantity
    from dated
    left join {{ ref('int_stock__levelled') }} as levels
        on dated.sku = levels.sku and dated.warehouse_id = levels.warehouse_id
        and dated.point_at >= levels.from_at
        and (levels.until_at is null or dated.point_at < levels.until_at)
    left join {{ ref('stg_products') }} as products on dated.sku = products.sku
    {{ join_stock_policies('dated') }}

)

select * from final
