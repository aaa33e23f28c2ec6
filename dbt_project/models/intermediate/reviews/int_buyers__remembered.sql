{{ config(materialized='ephemeral') }}
-- One row per order under review whose buyer has ordered before: the buyer's habits until then, the
-- latest order that says the same, and orders it could ship with.
with

known as (

    select
        {{ buyer_key('orders') }} as buyer_key,
        orders.order_id,
        orders.placed_at,
        orders.cancelled_at,
        ended.given_up_at,
        -- What review goes by comes before the events: kept is what its shop completed or archived.
        coalesce(orders.completed_at, case when orders.cancelled_at is null
            then orders.closed_at end) as completed_at,
        orders.payable_amount,
        orders.ship_address_index,
        row_number() over (
            partition by {{ buyer_key('orders') }} order by orders.placed_at, orders.order_id
        ) as order_number
    from {{ ref('stg_orders') }} as orders
    left join {{ ref('int_orders__cancelled') }} as ended on orders.order_id = ended.order_id
    where not coalesce(orders.is_test, false)
        and {{ buyer_key('orders') }} in (
            select buyer_key from {{ ref('int_orders__priced') }} where is_reviewed
        )

),

pairs as (

    select
        later.order_id,
        later.placed_at,
        later.payable_amount,
        later.ship_address_index,
        earlier.order_id as earlier_id,
        earlier.placed_at as earlier_placed_at,
        earlier.cancelled_at as earlier_cancelled_at,
        earlier.given_up_at as earlier_given_up_at,
        earlier.completed_at as earlier_completed_at,
        earlier.payable_amount as earlier_payable_amount,
        earlier.ship_address_index as earlier_address_index,
        later.order_number - earlier.order_number as orders_between
    from known as later
    inner join known as earlier
        on later.buyer_key = earlier.buyer_key and earlier.order_number < later.order_number
    where {{ touched('later.order_id') }}

),

case_orders as (

    select case_id, min(order_id) as order_id
    from {{ ref('stg_after_sales') }}
    where order_id in (select earlier_id from pairs)
    group by case_id

),

refunded as (

    select
        coalesce(refunds.order_id, case_orders.order_id) as order_id,
        min(refunds.refunded_at) as refunded_at
    from {{ ref('stg_refunds') }} as refunds
    left join case_orders on refunds.case_id = case_orders.case_id
    where refunds.refund_status = 'succeeded' and coalesce(refunds.refund_kind, '') <> 'compensation'
        and coalesce(refunds.order_id, case_orders.order_id) in (
            select earlier_id from pairs where earlier_cancelled_at is null or earlier_given_up_at is not null)
    group by coalesce(refunds.order_id, case_orders.order_id)

),

twins as (

    {{ twin_minutes('pairs') }}

),

companions as (

    {{ merge_candidates('pairs') }}

),

habits as (

    select
        pairs.order_id,
        count(*) filter (where pairs.earlier_given_up_at <= pairs.placed_at
            and pairs.orders_between <= 10) as cancelled_of_last_10_count,
        count(*) filter (where pairs.earlier_given_up_at between
            pairs.placed_at - interval '30' day and pairs.placed_at) as cancelled_in_30_days_count,
        count(*) filter (where pairs.earlier_placed_at >= pairs.placed_at - interval '90' day) as placed_in_90_days_count,
        count(*) filter (where pairs.earlier_placed_at >= pairs.placed_at - interval '90' day
            and refunded.refunded_at <= pairs.placed_at) as refunded_in_90_days_count,
        count(*) filter (where pairs.earlier_completed_at <= pairs.placed_at
            and refunded.refunded_at is null) as vip_completed_count
    from pairs
    left join refunded on pairs.earlier_id = refunded.order_id
    group by pairs.order_id

)

select
    habits.order_id,
    habits.cancelled_of_last_10_count,
    habits.cancelled_in_30_days_count,
    habits.placed_in_90_days_count,
    cast(habits.refunded_in_90_days_count as decimal(18, 4))
        / nullif(habits.placed_in_90_days_count, 0) as refunded_in_90_days_ratio,
    habits.vip_completed_count,
    twins.twin_minutes,
    twins.twin_order_id,
    companions.merge_candidate_count
from habits
left join twins on habits.order_id = twins.order_id
left join companions on habits.order_id = companions.order_id
