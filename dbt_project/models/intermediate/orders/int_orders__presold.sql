{{ config(materialized='ephemeral') }}
-- One row per touched order that is paid in two steps before it is sent: when its deposit was there,
-- and when nothing was left to pay. Goods that leave on the deposit are no pre-sale.
{%- set tolerance = var('payment_tolerance') %}
with

orders as (

    select * from {{ ref('int_orders__priced') }}
    where deposit_amount is not null
        and not coalesce(leaves_on_deposit, false)
        and not is_cod
        and reports_payments

),

payments as (

    select
        payments.order_id,
        payments.payment_id,
        payments.paid_at,
        sum(payments.amount) over so_far as paid_amount,
        max(payments.paid_known_at) over so_far as paid_known_at
    from {{ ref('int_payments__dated') }} as payments
    inner join orders on payments.order_id = orders.order_id
    where payments.payment_status = 'succeeded'
        and payments.payment_kind in ('capture', 'authorization')
        and coalesce(payments.currency_code, orders.order_currency_code)
            = orders.order_currency_code
    -- What is authorised first and captured then is one payment.
    window so_far as (
        partition by payments.order_id, payments.payment_kind
        order by payments.paid_at, payments.payment_id
        rows between unbounded preceding and current row
    )

),

final as (

    select
        orders.order_id,
        orders.rest_due_at,
        min(case when payments.paid_amount
            >= least(orders.deposit_amount, orders.owed_amount) - {{ tolerance }}
            then payments.paid_at end) as deposit_paid_at,
        min(case when payments.paid_amount >= orders.owed_amount - {{ tolerance }}
            then payments.paid_at end) as whole_paid_at,
        min(case when payments.paid_amount >= orders.owed_amount - {{ tolerance }}
            then payments.paid_known_at end) as whole_paid_known_at
    from orders
    left join payments on orders.order_id = payments.order_id
    group by orders.order_id, orders.rest_due_at

)

select * from final
