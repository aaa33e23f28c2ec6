-- The daily figures add up to the orders they are made of.
with

days as (

    select sum(placed_count) as placed_count, sum(placed_amount) as placed_amount
    from {{ ref('agg_daily_channel_orders') }}

),

orders as (

    select
        count(*) as placed_count,
        sum(coalesce(goods_amount, 0) + coalesce(shipping_amount, 0)) as placed_amount
    from {{ ref('fct_orders') }}

)

select days.placed_count, orders.placed_count as order_count
from days
cross join orders
where coalesce(days.placed_count, 0) <> orders.placed_count
    or coalesce(days.placed_amount, 0) <> coalesce(orders.placed_amount, 0)
