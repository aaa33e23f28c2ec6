{{ config(materialized='ephemeral') }}
-- One row per order with an invoice or a request for one: what was asked for and issued, and whether
-- the order has ended, by cancellation or because all of it was paid back.
with

documents as (

    select * from {{ ref('fct_invoices') }}
    where order_id is not null and {{ touched('order_id') }}

),

paid_back as (

    select
        refunds.order_id,
        max(coalesce(told.known_at, refunds.succeeded_at)) as told_at,
        max(refunds.succeeded_at) as succeeded_at
    from {{ ref('fct_refunds') }} as refunds
    left join {{ ref('int_refunds__told') }} as told on refunds.refund_id = told.refund_id
    where refunds.refund_status = 'succeeded' and {{ touched('refunds.order_id') }}
    group by refunds.order_id

),

asked as (

    select
        order_id,
        coalesce(min(case when invoice_step = 'requested' then event_at end), min(event_at))
            as asked_at,
        count(*) filter (where invoice_step = 'requested') as request_count,
        min(ingested_at) as known_at,
        sum(net_amount) as invoiced_amount
    from documents
    group by order_id

),

final as (

    select
        asked.*,
        orders.channel,
        orders.shop_id,
        orders.currency_code,
        orders.payable_amount,
        orders.order_id is not null as is_known,
        -- An invoice that nobody asked for and that was taken back is none.
        asked.request_count > 0 or asked.invoiced_amount <> 0 as is_wanted,
        coalesce(
            orders.order_status in ('CANCELLED', 'EXPIRED')
            or orders.refunded_amount >= orders.payable_amount, false
        ) as is_ended,
        greatest(orders.cancelled_at, paid_back.succeeded_at) as ended_at,
        greatest(priced.cancelled_known_at, paid_back.told_at) as ended_known_at
    from asked
    left join {{ ref('fct_orders') }} as orders on asked.order_id = orders.order_id
    left join {{ ref('int_orders__priced') }} as priced on asked.order_id = priced.order_id
    left join paid_back on asked.order_id = paid_back.order_id

)

select * from final
