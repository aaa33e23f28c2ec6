{{ config(materialized='ephemeral') }}
-- RC1: what is owed for an order by now against what was captured for it. What is still to be
-- collected at the door, and the rest of a deposit before its day, are owed later: until then only
-- what was paid beyond the whole price, or short of the deposit, is a difference.
with

captured as (

    select
        payments.order_id,
        sum(case when coalesce(payments.currency_code, orders.order_currency_code)
            = orders.order_currency_code then payments.amount end) as captured_amount,
        count(*) filter (where payments.payment_kind = 'cod_collected') as collected_count
    from {{ ref('int_payments__dated') }} as payments
    inner join {{ ref('int_orders__priced') }} as orders on payments.order_id = orders.order_id
    where payments.payment_status = 'succeeded'
        and payments.payment_kind in ('capture', 'cod_collected')
        and {{ touched('payments.order_id') }}
    group by payments.order_id

),

orders as (

    select
        priced.*,
        case
            when priced.is_cod and captured.captured_amount > 0 and captured.collected_count = 0
                then least(priced.owed_amount, captured.captured_amount)
            when {{ rest_is_owed_later('priced') }}
                -- Closed for want of the rest: what was paid of it by then was all there was to pay.
                or (priced.deposit_amount is not null and priced.cancelled_at is not null)
                then greatest(
                    least(priced.deposit_amount, priced.owed_amount),
                    least(priced.owed_amount, captured.captured_amount)
                )
            else priced.owed_amount
        end as owed_by_now_amount
    from {{ ref('int_orders__priced') }} as priced
    left join captured on priced.order_id = captured.order_id

)

select
    {{ recon_side('RC1', 'left', {
        'item_id': 'orders.order_id', 'match_key': 'orders.order_id',
        'currency_code': 'orders.order_currency_code', 'amount': 'coalesce(orders.owed_by_now_amount, 0)',
        'item_at': 'orders.placed_at', 'order_id': 'orders.order_id', 'channel': 'orders.channel',
        'shop_id': 'orders.shop_id', 'party': 'orders.channel'}) }}
from orders
where orders.reports_payments
    and (orders.first_captured_at is not null or orders.paid_at is not null)
union all
select
    {{ recon_side('RC1', 'right', {
        'item_id': 'payments.payment_id', 'match_key': 'payments.order_id',
        'currency_code': 'coalesce(payments.currency_code, orders.order_currency_code)',
        'amount': 'payments.amount', 'item_at': 'payments.paid_at',
        'order_id': 'payments.order_id', 'channel': 'orders.channel',
        'shop_id': 'orders.shop_id', 'party': 'orders.channel'}) }}
from {{ ref('int_payments__dated') }} as payments
inner join orders on payments.order_id = orders.order_id
where orders.reports_payments
    and payments.payment_status = 'succeeded'
    and payments.payment_kind in ('capture', 'cod_collected')
    and {{ touched('payments.order_id') }}
