{{ config(meta={'touched': 'skus'}) }}
with

ledger as (

    select * from {{ ref('int_stock__ledgered') }}

),

reserved as (

    select
        sku,
        warehouse_id,
        sum(case when reservation_type = 'hard' then open_quantity else 0 end)
            as reserved_hard_quantity,
        sum(case when reservation_type = 'soft' then open_quantity else 0 end)
            as reserved_soft_quantity
    from {{ ref('fct_stock_reservations') }}
    where is_active and {{ touched('sku', 'skus') }}
    group by sku, warehouse_id

),

counted as (

    select * from {{ ref('int_stock__drifted') }} where recency_number = 1

),

places as (

    select sku, warehouse_id from ledger
    union
    select sku, warehouse_id from reserved
    union
    select sku, warehouse_id from counted

),

measured as (

    select
        places.sku,
        places.warehouse_id,
        coalesce(ledger.on_hand_quantity, 0) as on_hand_quantity,
        coalesce(ledger.damaged_quantity, 0) as damaged_quantity,
        coalesce(ledger.frozen_quantity, 0) as frozen_quantity,
        coalesce(ledger.held_quantity, 0) as held_quantity,
        coalesce(ledger.expired_quantity, 0) as expired_quantity,
        coalesce(reserved.reserved_hard_quantity, 0) as reserved_hard_quantity,
        coalesce(reserved.reserved_soft_quantity, 0) as reserved_soft_quantity,
        counted.snapshot_quantity,
        counted.taken_at,
        counted.ledger_quantity,
        counted.drift_quantity,
        counted.is_drift,
        counted.drift_since_at,
        counted.episode_number,
        ledger.last_moved_at
    from places
    left join ledger
        on places.sku = ledger.sku and places.warehouse_id = ledger.warehouse_id
    left join reserved
        on places.sku = reserved.sku and places.warehouse_id = reserved.warehouse_id
    left join counted
        on places.sku = counted.sku and places.warehouse_id = counted.warehouse_id

),

sellable as (

    select *, on_hand_quantity - damaged_quantity - frozen_quantity - held_quantity
        - expired_quantity as sellable_quantity
    from measured

),

final as (

    select
        sku,
        warehouse_id,
        cast(on_hand_quantity as decimal(18, 4)) as on_hand_quantity,
        cast(damaged_quantity as decimal(18, 4)) as damaged_quantity,
        cast(frozen_quantity as decimal(18, 4)) as frozen_quantity,
        cast(held_quantity as decimal(18, 4)) as held_quantity,
        cast(expired_quantity as decimal(18, 4)) as expired_quantity,
        cast(sellable_quantity as decimal(18, 4)) as sellable_quantity,
        cast(reserved_hard_quantity as decimal(18, 4)) as reserved_hard_quantity,
        cast(reserved_soft_quantity as decimal(18, 4)) as reserved_soft_quantity,
        cast(sellable_quantity - reserved_hard_quantity - reserved_soft_quantity
            as decimal(18, 4)) as atp_quantity,
        cast(greatest(
            reserved_hard_quantity + reserved_soft_quantity - sellable_quantity, 0
        ) as decimal(18, 4)) as oversold_quantity,
        cast(snapshot_quantity as decimal(18, 4)) as snapshot_quantity,
        taken_at as snapshot_at,
        cast(ledger_quantity as decimal(18, 4)) as ledger_at_snapshot_quantity,
        cast(drift_quantity as decimal(18, 4)) as drift_quantity,
        last_moved_at,
        case when is_drift then drift_since_at end as _drift_since_at,
        case when is_drift then cast(episode_number as bigint) end as _drift_episode_number
    from sellable

)

select * from final
