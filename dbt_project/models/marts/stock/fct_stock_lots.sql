{{ config(meta={'touched': 'skus'}) }}
with

moves as (

    select *, coalesce(lot, '') as lot_key
    from {{ ref('int_stock__moved') }}
    where is_counted

),

snapshots as (

    select *, coalesce(lot, '') as lot_key,
        max(taken_at) over (partition by sku, warehouse_id) as last_taken_at
    from {{ ref('int_stock__snapshots') }}

),

-- A count that names no batch says nothing about batches.
counted as (

    select
        sku,
        warehouse_id,
        lot_key,
        max(taken_at) as taken_at,
        sum(on_hand_quantity) as snapshot_quantity,
        sum(damaged_quantity) as snapshot_damaged_quantity,
        sum(frozen_quantity) as snapshot_frozen_quantity
    from snapshots
    where taken_at = last_taken_at
    group by sku, warehouse_id, lot_key

),

lots as (

    select sku, warehouse_id, lot_key from moves
    union
    select sku, warehouse_id, lot_key from counted

),

words as (

    select sku, warehouse_id, max(point_at) as last_at
    from (
        select sku, warehouse_id, moved_at as point_at from moves
        union all
        select sku, warehouse_id, taken_at as point_at from counted
    ) as said
    group by sku, warehouse_id

),

held as (

    select
        lots.sku,
        lots.warehouse_id,
        lots.lot_key,
        sum({{ stock_change('on_hand', 'moves') }}) as on_hand_quantity,
        sum({{ stock_change('damaged', 'moves') }}) as damaged_quantity,
        sum({{ stock_change('frozen', 'moves') }}) as frozen_quantity,
        sum({{ stock_change('held', 'moves') }}) as held_quantity,
        sum(case when moves.moved_at <= counted.taken_at
            then {{ stock_change('on_hand', 'moves') }} else 0 end) as ledger_quantity,
        max(moves.lot_expires_at) as lot_expires_at,
        max(counted.taken_at) as taken_at,
        max(counted.snapshot_quantity) as snapshot_quantity
    from lots
    left join moves
        on lots.sku = moves.sku and lots.warehouse_id = moves.warehouse_id
        and lots.lot_key = moves.lot_key
    left join counted
        on lots.sku = counted.sku and lots.warehouse_id = counted.warehouse_id
        and lots.lot_key = counted.lot_key
    group by lots.sku, lots.warehouse_id, lots.lot_key

),

final as (

    select
        held.sku || '@' || held.warehouse_id || '#' || held.lot_key as lot_id,
        held.sku,
        held.warehouse_id,
        nullif(held.lot_key, '') as lot,
        cast(held.on_hand_quantity as decimal(18, 4)) as on_hand_quantity,
        cast(greatest(held.damaged_quantity, 0) as decimal(18, 4)) as damaged_quantity,
        cast(greatest(held.frozen_quantity, 0) as decimal(18, 4)) as frozen_quantity,
        cast(greatest(held.held_quantity, 0) as decimal(18, 4)) as held_quantity,
        held.lot_expires_at,
        coalesce(held.lot_expires_at <= words.last_at, false) as is_expired,
        cast(held.snapshot_quantity as decimal(18, 4)) as snapshot_quantity,
        held.taken_at as snapshot_at,
        case when held.taken_at is not null then cast(held.ledger_quantity as decimal(18, 4)) end
            as ledger_at_snapshot_quantity,
        cast(held.snapshot_quantity - held.ledger_quantity as decimal(18, 4)) as drift_quantity
    from held
    inner join words on held.sku = words.sku and held.warehouse_id = words.warehouse_id

)

select * from final
