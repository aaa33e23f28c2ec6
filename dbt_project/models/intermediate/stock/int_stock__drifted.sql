-- One row per touched sku, warehouse and snapshot: what was counted, what the ledger held then.
with

snapshots as (

    select
        sku,
        warehouse_id,
        taken_at,
        sum(on_hand_quantity) as snapshot_quantity
    from {{ ref('int_stock__snapshots') }}
    group by sku, warehouse_id, taken_at

),

points as (

    select sku, warehouse_id, moved_at as point_at, 0 as point_rank, quantity,
        cast(null as decimal(38, 4)) as snapshot_quantity
    from {{ ref('int_stock__moved') }}
    where movement_type not in {{ hold_types() }} and is_counted
    union all
    select sku, warehouse_id, taken_at as point_at, 1 as point_rank, 0 as quantity,
        snapshot_quantity
    from snapshots

),

-- A movement of the very moment of the count is in the count.
run as (

    select
        *,
        sum(quantity) over (
            partition by sku, warehouse_id order by point_at, point_rank
            range between unbounded preceding and current row
        ) as ledger_quantity
    from points

),

-- An article that matters less may differ by a share of what the books have.
compared as (

    select
        run.sku,
        run.warehouse_id,
        run.point_at as taken_at,
        run.snapshot_quantity,
        run.ledger_quantity,
        run.snapshot_quantity - run.ledger_quantity as drift_quantity,
        abs(run.snapshot_quantity - run.ledger_quantity) > greatest(
            {{ threshold('stock_drift_quantity') }},
            tolerances.drift_ratio * abs(run.ledger_quantity)
        ) as is_drift
    from run
    {{ join_stock_policies('run') }}
    inner join {{ ref('stock_tolerances') }} as tolerances
        on {{ stock_policy('abc_class') }} = tolerances.abc_class
    where run.point_rank = 1

),

turns as (

    select
        *,
        lag(is_drift) over (partition by sku, warehouse_id order by taken_at) as was_drift,
        lag(taken_at) over (partition by sku, warehouse_id order by taken_at) as previous_at
    from compared

),

final as (

    select
        sku,
        warehouse_id,
        taken_at,
        snapshot_quantity,
        ledger_quantity,
        drift_quantity,
        is_drift,
        sum(case when is_drift and not coalesce(was_drift, false) then 1 else 0 end) over (
            partition by sku, warehouse_id order by taken_at
            rows between unbounded preceding and current row
        ) as episode_number,
        max(case when is_drift and not coalesce(was_drift, false) then taken_at end) over (
            partition by sku, warehouse_id order by taken_at
            rows between unbounded preceding and current row
        ) as drift_since_at,
        max(case when is_drift and not coalesce(was_drift, false) then previous_at end) over (
            partition by sku, warehouse_id order by taken_at
            rows between unbounded preceding and current row
        ) as agreed_at,
        row_number() over (
            partition by sku, warehouse_id order by taken_at desc
        ) as recency_number
    from turns

)

select * from final
