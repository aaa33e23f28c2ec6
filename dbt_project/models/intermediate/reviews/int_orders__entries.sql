{{ config(materialized='ephemeral') }}
-- One row per order that came so far as to be reviewed or confirmed: when. A pre-sale is so once its
-- rest is paid: until then nobody knows whether it will be sent at all.
select
    orders.order_id,
    case
        when orders.is_cod or not orders.reports_payments then orders.placed_at
        when presold.order_id is not null then presold.whole_paid_at
        else orders.first_paid_at
    end as entered_at,
    case
        when orders.is_cod or not orders.reports_payments then orders.placed_known_at
        when presold.order_id is not null
            then greatest(orders.placed_known_at, presold.whole_paid_known_at)
        else greatest(orders.placed_known_at, orders.first_paid_known_at)
    end as entered_known_at
from {{ ref('int_orders__priced') }} as orders
left join {{ ref('int_orders__presold') }} as presold on orders.order_id = presold.order_id
where case
    when orders.is_cod or not orders.reports_payments then true
    when presold.order_id is not null then presold.whole_paid_at is not null
    else orders.first_paid_at is not null
end
