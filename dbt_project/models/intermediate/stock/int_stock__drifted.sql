-- One row per touched sku, warehouse and snapshot: what was counted, what the ledger held then.
with

-- An article that matters less may differ by a share of what the books have.
compared as (

    select
        counts.sku,
        counts.warehouse_id,
        counts.taken_at,
        counts.snapshot_quantity,
        counts.ledger_quantity,
        counts.in_flight_quantity,
        counts.snapshot_quantity - counts.ledger_quantity as drift_quantity,
        abs(counts.snapshot_quantity + counts.in_flight_quantity - counts.ledger_quantity)
        > greatest(
            {{ threshold('stock_drift_quantity') }},
            tolerances.drift_ratio * abs(counts.ledger_quantity)
        ) as is_drift
    from {{ ref('int_stock__compared') }} as counts
    {{ join_stock_policies('counts') }}
    inner join {{ ref('stock_tolerances') }} as tolerances
        on {{ stock_policy('abc_class') }} = tolerances.abc_class

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
        in_flight_quantity,
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
