{{ config(materialized='ephemeral') }}
-- One row per touched sku, warehouse and count: what was counted, what the ledger held then, and how much
-- of the difference was on its way between the two.
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

moves as (

    select *
    from {{ ref('int_stock__moved') }}
    where movement_type not in {{ hold_types() }} and is_counted

),

-- What moved so near the count that one of the two may know of it before the other.
near as (

    select
        snapshots.sku,
        snapshots.warehouse_id,
        snapshots.taken_at,
        coalesce(sum(case when moves.moved_at <= snapshots.taken_at then moves.quantity end), 0)
            as before_quantity,
        coalesce(sum(case when moves.moved_at > snapshots.taken_at then moves.quantity end), 0)
            as after_quantity
    from snapshots
    inner join moves
        on snapshots.sku = moves.sku
        and snapshots.warehouse_id = moves.warehouse_id
        and moves.moved_at > {{ add_minutes('snapshots.taken_at', '-' ~ threshold('stock_cutoff_minutes')) }}
        and moves.moved_at <= {{ add_minutes('snapshots.taken_at', threshold('stock_cutoff_minutes')) }}
    group by snapshots.sku, snapshots.warehouse_id, snapshots.taken_at

),

points as (

    select sku, warehouse_id, moved_at as point_at, 0 as point_rank, quantity,
        cast(null as decimal(38, 4)) as snapshot_quantity
    from moves
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

-- In flight is what explains the whole difference: left out of the count, in it already, or both.
final as (

    select
        run.sku,
        run.warehouse_id,
        run.point_at as taken_at,
        run.snapshot_quantity,
        run.ledger_quantity,
        case run.ledger_quantity - run.snapshot_quantity
            when 0 then 0
            when near.before_quantity then near.before_quantity
            when -near.after_quantity then -near.after_quantity
            when near.before_quantity - near.after_quantity
                then near.before_quantity - near.after_quantity
            else 0
        end as in_flight_quantity
    from run
    left join near
        on run.sku = near.sku
        and run.warehouse_id = near.warehouse_id
        and run.point_at = near.taken_at
    where run.point_rank = 1

)

select * from final
