{{ config(materialized='ephemeral') }}
-- One row per order that came so far as to be reviewed or confirmed: when.
select
    order_id,
    case when is_cod or not reports_payments then placed_at else first_paid_at end as entered_at,
    case
        when is_cod or not reports_payments then placed_known_at
        else greatest(placed_known_at, first_paid_known_at)
    end as entered_known_at
from {{ ref('int_orders__priced') }}
where first_paid_at is not null or is_cod or not reports_payments
