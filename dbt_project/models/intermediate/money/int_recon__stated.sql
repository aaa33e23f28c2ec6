{{ config(materialized='ephemeral') }}
-- One row per item that either side of a reconciliation states, for the touched keys. A new
-- reconciliation is one row in recon_definitions and its two sides here.
with

billed_days as (

    select distinct provider, {{ reporting_date('posted_at') }} as billed_date
    from {{ ref('stg_settlement_lines') }}

),

first_days as (

    select provider, min(billed_date) as first_billed_date
    from billed_days
    group by provider

),

payments as (

    select
        *,
        coalesce(merchant_payment_id, provider_payment_id) as match_key,
        {{ reporting_date('paid_at') }} as paid_date
    from {{ ref('int_payments__dated') }}
    where payment_status = 'succeeded' and payment_kind in ('capture', 'cod_collected')

),

final as (

    select
        'RC1' as recon_code,
        'left' as side,
        orders.order_id as item_id,
        orders.order_id as match_key,
        coalesce(orders.order_currency_code, '') as currency_code,
        coalesce(orders.owed_amount, 0) as amount,
        orders.placed_at as item_at,
        {{ reporting_date('orders.placed_at') }} as item_date,
        orders.order_id,
        orders.channel,
        orders.shop_id,
        true as is_due
    from {{ ref('int_orders__priced') }} as orders
    where orders.reports_payments
        and (orders.first_captured_at is not null or orders.paid_at is not null)
    union all
    select
        'RC1' as recon_code,
        'right' as side,
        payments.payment_id as item_id,
        payments.order_id as match_key,
        coalesce(payments.currency_code, orders.order_currency_code, '') as currency_code,
        payments.amount,
        payments.paid_at as item_at,
        payments.paid_date as item_date,
        payments.order_id,
        orders.channel,
        orders.shop_id,
        true as is_due
    from payments
    inner join {{ ref('int_orders__priced') }} as orders on payments.order_id = orders.order_id
    where orders.reports_payments and {{ touched('payments.order_id') }}
    union all
    select
        'RC2' as recon_code,
        'left' as side,
        payments.payment_id as item_id,
        payments.match_key,
        coalesce(payments.currency_code, '') as currency_code,
        payments.amount,
        payments.paid_at as item_at,
        payments.paid_date as item_date,
        payments.order_id,
        payments.channel,
        payments.shop_id,
        billed_days.billed_date is not null as is_due
    from payments
    inner join first_days
        on payments.provider = first_days.provider
        and payments.paid_date >= first_days.first_billed_date
    left join billed_days
        on payments.provider = billed_days.provider
        and payments.paid_date = billed_days.billed_date
    where payments.payment_kind = 'capture'
        and payments.match_key is not null
        and {{ touched('payments.match_key', 'payments') }}
    union all
    select
        'RC2' as recon_code,
        'right' as side,
        settlement_line_id as item_id,
        match_key,
        coalesce(currency_code, '') as currency_code,
        gross_amount as amount,
        posted_at as item_at,
        {{ reporting_date('posted_at') }} as item_date,
        resolved_order_id as order_id,
        channel,
        shop_id,
        true as is_due
    from {{ ref('int_settlement_lines__resolved') }}
    where line_kind = 'payment' and {{ touched('match_key', 'payments') }}

)

select * from final
