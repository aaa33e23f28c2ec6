{{ config(materialized='ephemeral') }}
-- Events of money: what the shop says was paid and refunded, what the provider booked.
with

captures as (

    select
        *,
        case
            when payment_kind = 'void' and payment_status = 'succeeded' then 'PAYMENT_VOIDED'
            when payment_status = 'failed' then 'PAYMENT_ATTEMPT_FAILED'
            when payment_kind = 'authorization' then 'PAYMENT_AUTHORIZED'
            when payment_kind = 'capture' then 'PAYMENT_CAPTURED'
            when payment_kind = 'cod_collected' then 'COD_COLLECTED'
        end as event_type
    from {{ ref('int_payments__dated') }}
    where order_id is not null and payment_status in ('succeeded', 'failed')
        and {{ touched('order_id') }}

),

booked as (

    select * from {{ ref('int_settlement_lines__resolved') }}
    where resolved_order_id is not null and {{ touched('resolved_order_id') }}

)

select
    {{ logged('event_type', 'paid_at', 'paid_known_at', "'payment'", 'payment_id', {
        'amount': 'amount', 'currency_code': 'currency_code', 'actor_type': "'customer'",
        'detail_code': 'coalesce(provider, payment_method)'}) }}
from captures
where event_type is not null
union all
select
    {{ logged("'STATEMENT_LINE'", 'posted_at', 'posted_known_at', "'settlement_line'",
        'settlement_line_id', {
            'order_id': 'resolved_order_id', 'amount': 'gross_amount',
            'currency_code': 'currency_code', 'actor_type': "'platform'",
            'detail_code': 'line_kind'}) }}
from booked
