-- One row per order that came so far as to be reviewed or confirmed: when, and what review knows.
with

cancels as (

    select
        {{ buyer_key('orders') }} as buyer_key,
        orders.order_id,
        orders.placed_at,
        orders.cancelled_at
    from {{ ref('stg_orders') }} as orders
    where orders.cancelled_at is not null
        and {{ buyer_key('orders') }} in (
            select buyer_key from {{ ref('int_orders__priced') }} where is_reviewed
        )

),

-- Only buyers with three cancelled orders can break a rule on cancels.
suspects as (

    select buyer_key from cancels group by buyer_key having count(*) >= 3

),

numbered as (

    select
        {{ buyer_key('orders') }} as buyer_key,
        orders.order_id,
        orders.placed_at,
        orders.cancelled_at,
        row_number() over (
            partition by {{ buyer_key('orders') }} order by orders.placed_at, orders.order_id
        ) as order_number
    from {{ ref('stg_orders') }} as orders
    where {{ buyer_key('orders') }} in (select buyer_key from suspects)

),

habits as (

    select
        later.order_id,
        count(*) filter (where later.order_number - earlier.order_number <= 10)
            as cancelled_of_last_10_count,
        count(*) filter (where earlier.cancelled_at >= later.placed_at - interval '30' day)
            as cancelled_in_30_days_count
    from numbered as later
    inner join numbered as earlier
        on later.buyer_key = earlier.buyer_key
        and earlier.order_number < later.order_number
        and earlier.cancelled_at <= later.placed_at
    group by later.order_id

),

risks as (

    select orders.order_id, count(*) as risk_list_count
    from {{ ref('int_orders__priced') }} as orders
    inner join {{ ref('risk_list') }} as risk_list
        on (risk_list.index_kind = 'phone' and risk_list.index_value = orders.buyer_phone_index)
        or (risk_list.index_kind = 'address' and risk_list.index_value = orders.ship_address_index)
    group by orders.order_id

),

final as (

    select
        orders.order_id,
        orders.is_reviewed,
        orders.is_cod,
        orders.order_currency_code,
        case
            when orders.is_cod or not orders.reports_payments then orders.placed_at
            else orders.first_paid_at
        end as entered_at,
        case
            when orders.is_cod or not orders.reports_payments then orders.placed_known_at
            else greatest(orders.placed_known_at, orders.first_paid_known_at)
        end as entered_known_at,
        -- A mask shows four stars only where five characters or more are behind it.
        case
            when orders.ship_address_index is null then 0
            when orders.ship_address_masked like '%****' then 5
            else 1
        end as address_shown_length,
        coalesce(length(orders.buyer_phone_masked), 0) as phone_shown_length,
        coalesce(risks.risk_list_count, 0) as risk_list_count,
        coalesce(habits.cancelled_of_last_10_count, 0) as cancelled_of_last_10_count,
        coalesce(habits.cancelled_in_30_days_count, 0) as cancelled_in_30_days_count,
        coalesce(orders.largest_line_quantity, 0) as largest_line_quantity,
        coalesce(orders.owed_amount, 0) as payable_amount
    from {{ ref('int_orders__priced') }} as orders
    left join habits on orders.order_id = habits.order_id
    left join risks on orders.order_id = risks.order_id
    where orders.first_paid_at is not null or orders.is_cod or not orders.reports_payments

)

select * from final
