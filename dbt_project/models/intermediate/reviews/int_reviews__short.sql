{{ config(materialized='ephemeral') }}
-- The house saw that stock does not reach an order, and later that it does (RV01): one row per sight.
select
    short.order_id,
    short.decision_id as subject_id,
    short.decided_at as begun_at,
    short.decided_known_at as begun_known_at,
    min(reached.decided_at) as ended_at,
    min(reached.decided_known_at) as ended_known_at,
    short.quantity as fact_value
from {{ ref('int_decisions__kept') }} as short
left join {{ ref('int_decisions__kept') }} as reached
    on short.order_id = reached.order_id
    and reached.verb = 'stock_reached' and not reached.is_undone
    and reached.decided_at >= short.decided_at
where short.verb = 'stock_short' and not short.is_undone
group by short.order_id, short.decision_id, short.decided_at, short.decided_known_at,
    short.quantity
