{{ config(materialized='ephemeral') }}
-- Counts of warehouses, each piece once. A system may tell a total beside the bins or the batches it is
-- the sum of: a row that names fewer of them and says just what the others of its moment add up to.
with

told as (

    select
        *,
        sum(case when bin_id is not null then on_hand_quantity end) over (
            partition by sku, warehouse_id, taken_at, lot
        ) as in_bins_quantity
    from {{ ref('stg_stock_snapshots') }}
    where {{ touched('sku', 'skus') }}

),

-- Total of a batch (or of what has none) over its bins.
of_batches as (

    select *, bin_id is null and coalesce(on_hand_quantity = in_bins_quantity, false)
        as is_batch_total
    from told

),

of_places as (

    select
        *,
        sum(case when lot is not null and not is_batch_total then on_hand_quantity end) over (
            partition by sku, warehouse_id, taken_at
        ) as in_lots_quantity
    from of_batches

)

select *
from of_places
where not is_batch_total
    and not (lot is null and bin_id is null
        and coalesce(on_hand_quantity = in_lots_quantity, false))
