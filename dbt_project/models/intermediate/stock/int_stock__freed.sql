{{ config(materialized='ephemeral') }}
-- A hold of some types gives the goods free for whoever stands behind the order in the line.
-- One row per touched order that had such a hold: the last stretch of time without a break.
with

stretches as (

    select
        holds.order_id,
        holds.applied_at,
        holds.released_at,
        max(coalesce(holds.released_at, cast('2999-12-31 00:00:00' as timestamp))) over (
            partition by holds.order_id order by holds.applied_at, holds.hold_type
            rows between unbounded preceding and 1 preceding
        ) as covered_until_at
    from {{ ref('int_reviews__held') }} as holds
    inner join {{ ref('hold_types') }} as types on holds.hold_type = types.hold_type
    where not types.affects_atp

)

select
    order_id,
    max(case when covered_until_at is null or applied_at > covered_until_at then applied_at end)
        as freed_at,
    case when count(*) = count(released_at) then max(released_at) end as freed_until_at
from stretches
group by order_id
