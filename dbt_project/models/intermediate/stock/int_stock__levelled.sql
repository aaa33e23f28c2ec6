{{ config(materialized='ephemeral') }}
-- One row per level below which somebody said a place has to be replenished, from then to the next.
with

said as (

    select
        decision_id,
        decided_at,
        quantity as level_quantity,
        -- A place is named `sku@warehouse`, and an article may have the sign in its own name.
        substr(entity_id, 1, length(entity_id) - position('@' in reverse(entity_id))) as sku,
        substr(entity_id, length(entity_id) - position('@' in reverse(entity_id)) + 2)
            as warehouse_id
    from {{ ref('stg_decisions') }}
    where verb = 'change_threshold' and entity_type = 'stock' and quantity is not null
        and decision_id not in (
            select undoes_decision_id from {{ ref('stg_decisions') }}
            where undoes_decision_id is not null
        )

)

select
    sku,
    warehouse_id,
    level_quantity,
    decided_at as from_at,
    lead(decided_at) over (
        partition by sku, warehouse_id order by decided_at, decision_id
    ) as until_at
from said
