-- One row per order that came so far as to be reviewed or confirmed: when, and what review knows.
-- A fact is null where there is nothing to say: no rule asks then.
with

payments as (

    select
        payments.order_id,
        sum(case when payments.payment_kind = 'capture' then payments.amount end)
            as captured_amount,
        count(*) filter (where payments.payment_kind = 'authorization') as authorization_count
    from {{ ref('int_payments__dated') }} as payments
    inner join {{ ref('int_orders__entries') }} as entries
        on payments.order_id = entries.order_id
        -- What arrives together is one payment, however many parts it has.
        and payments.paid_at <= {{ add_minutes('entries.entered_at',
            threshold('payment_settling_minutes')) }}
    where payments.payment_status = 'succeeded'
    group by payments.order_id

),

final as (

    select
        orders.order_id,
        orders.is_reviewed,
        orders.is_cod,
        orders.order_currency_code,
        entries.entered_at,
        entries.entered_known_at,
        orders.owed_amount as payable_amount,
        orders.largest_line_quantity,
        -- A mask shows four stars only where five characters or more are behind it.
        case
            when not orders.requires_address then null
            when orders.ship_address_index is null then 0
            when orders.ship_address_masked not like '%****' then 1
        end as address_shown_length,
        coalesce(length(orders.buyer_phone_masked), 0) as phone_shown_length,
        case
            when not orders.is_cod and orders.reports_payments and orders.owed_amount is not null
                and payments.authorization_count = 0
                -- On terms the rest comes later: what was agreed for now has to be there.
                then case
                    when orders.leaves_on_deposit
                        and payments.captured_amount
                            between orders.deposit_amount and orders.owed_amount then 0
                    else abs(payments.captured_amount - orders.owed_amount)
                end
        end as payment_gap_amount,
        case when orders.ship_method = 'unset' then 1 end as missing_carrier_count,
        case when orders.remark_topics is not null then
            length(orders.remark_topics) - length(replace(orders.remark_topics, ',', '')) + 1
        end as remark_request_count,
        habits.cancelled_of_last_10_count,
        habits.cancelled_in_30_days_count,
        habits.placed_in_90_days_count,
        habits.refunded_in_90_days_ratio,
        habits.vip_completed_count,
        habits.twin_minutes,
        habits.twin_order_id,
        habits.merge_candidate_count,
        goods.price_to_cost_ratio,
        goods.price_to_median_ratio,
        goods.quantity_share_ratio,
        nullif(orders.missing_sku_count + orders.unknown_sku_count, 0) as unmapped_sku_count,
        addresses.accounts_at_address_count,
        addresses.accounts_on_phone_count,
        addresses.region_mismatch_count,
        addresses.serving_carrier_count,
        risks.risk_list_count,
        risks.undeliverable_list_count
    from {{ ref('int_orders__priced') }} as orders
    inner join {{ ref('int_orders__entries') }} as entries on orders.order_id = entries.order_id
    left join payments on orders.order_id = payments.order_id
    left join {{ ref('int_buyers__remembered') }} as habits on orders.order_id = habits.order_id
    left join {{ ref('int_goods__judged') }} as goods on orders.order_id = goods.order_id
    left join {{ ref('int_addresses__judged') }} as addresses
        on orders.order_id = addresses.order_id
    left join {{ ref('int_risks__matched') }} as risks on orders.order_id = risks.order_id

)

select * from final
