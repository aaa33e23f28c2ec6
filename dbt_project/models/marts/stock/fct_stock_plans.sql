{{ config(meta={'touched': 'skus'}) }}
with

lives as (

    select
        sku,
        warehouse_id,
        max(point_at) as planned_at,
        sum(case when until_at is not null then
            {{ minutes_between('point_at', 'until_at') }} else 0 end) / cast(1440 as double) as active_days,
        -- Wanted is what somebody waits for, and what sold in the weeks before it ran out.
        sum(case when until_at is not null and atp_quantity <= 0
                and (hard_quantity + soft_quantity > 0 or daily_quantity > 0)
            then {{ minutes_between('point_at', 'until_at') }} else 0 end)
            / cast(1440 as double) as stockout_days,
        sum(case when until_at is not null then cast(on_hand_quantity as double)
            * {{ minutes_between('point_at', 'until_at') }} else 0 end) as on_hand_minutes
    from {{ ref('int_stock__run') }}
    group by sku, warehouse_id

),

-- Days without a movement sold nothing: they count in the mean of the four weeks.
days as (

    select
        daily.sku,
        daily.warehouse_id,
        max(case when daily.sold_quantity > 0 then daily.stock_date end) as last_sold_date,
        sum(daily.sold_quantity) as sold_quantity,
        sum(case when {{ is_recent_day() }} then cast(daily.sold_quantity as double) end) / 28
            as mean_quantity,
        sum(case when {{ is_recent_day() }} then cast(daily.sold_quantity as double)
            * cast(daily.sold_quantity as double) end) / 28 as mean_square
    from {{ ref('fct_stock_daily') }} as daily
    inner join lives on daily.sku = lives.sku and daily.warehouse_id = lives.warehouse_id
    group by daily.sku, daily.warehouse_id

),

ruled as (

    select
        run.*,
        lives.planned_at, lives.active_days, lives.stockout_days, lives.on_hand_minutes,
        days.last_sold_date, days.sold_quantity as life_sold_quantity,
        sqrt(greatest(days.mean_square - days.mean_quantity * days.mean_quantity, 0)) as sd_quantity,
        cast(run.daily_quantity as double) as d,
        cast({{ stock_policy('lead_time_days') }} as double) as lead_days,
        cast({{ stock_policy('lead_time_sd_days') }} as double) as lead_sd_days,
        cast({{ stock_policy('service_factor') }} as double) as z,
        cast({{ stock_policy('target_days') }} as double) as target_days
    from {{ ref('int_stock__run') }} as run
    inner join lives
        on run.sku = lives.sku and run.warehouse_id = lives.warehouse_id
        and run.point_at = lives.planned_at
    left join days on run.sku = days.sku and run.warehouse_id = days.warehouse_id
    {{ join_stock_policies('run') }}

),

coming as (

    select ruled.sku, ruled.warehouse_id, sum(inbound.expected_quantity) as coming_quantity
    from ruled
    inner join {{ ref('fct_stock_inbound') }} as inbound
        on ruled.sku = inbound.sku and ruled.warehouse_id = inbound.warehouse_id
        -- Of goods on their way nobody says when they are due; a purchase without a day is not due.
        and ((inbound.due_at is null and inbound.inbound_type in ('transfer', 'return'))
            or inbound.due_at <= {{ add_minutes('ruled.planned_at', 'ruled.lead_days * 1440') }})
    group by ruled.sku, ruled.warehouse_id

),

planned as (

    select
        ruled.*,
        ruled.z * sqrt(ruled.lead_days * ruled.sd_quantity * ruled.sd_quantity
            + ruled.d * ruled.d * ruled.lead_sd_days * ruled.lead_sd_days) as safety_quantity,
        positions.atp_quantity + coalesce(coming.coming_quantity, 0) as projected_quantity,
        positions.atp_quantity as promised_quantity
    from ruled
    inner join {{ ref('fct_stock_positions') }} as positions
        on ruled.sku = positions.sku and ruled.warehouse_id = positions.warehouse_id
    left join coming on ruled.sku = coming.sku and ruled.warehouse_id = coming.warehouse_id

),

final as (

    select {{ plan_columns() }}
    from planned
    left join {{ ref('stg_products') }} as products on planned.sku = products.sku

)

select * from final
