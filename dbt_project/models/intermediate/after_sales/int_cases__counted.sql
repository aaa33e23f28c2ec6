{{ config(materialized='ephemeral') }}
-- An order is over only when no case of it is open; the last closing says since when.
select
    order_id,
    sum(case_delta) as open_count,
    max(case when case_delta < 0 then occurred_at end) as closed_at
from {{ ref('int_after_sales__logged') }}
where case_delta <> 0
group by order_id
