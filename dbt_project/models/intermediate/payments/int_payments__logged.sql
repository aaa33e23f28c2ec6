{{ config(materialized='ephemeral') }}
-- Events of money: what the shop says was paid and refunded, what the provider booked and charged
-- back, what the carrier passed on of the cash it collected.
with

paid as (

    select
        payments.*,
        payment_kind = 'capture' and payment_status = 'succeeded' as is_capture,
        min(case when payment_kind = 'capture' and payment_status = 'succeeded' then paid_at end)
            over (partition by order_id) as first_captured_at,
        sum(case when payment_kind = 'capture' and payment_status = 'succeeded' then amount end)
            over earlier as earlier_amount
    from {{ ref('int_payments__dated') }} as payments
    where order_id is not null and payment_status in ('succeeded', 'failed')
        and {{ touched('order_id') }}
    window earlier as (
        partition by order_id order by paid_at, payment_id
        rows between unbounded preceding and 1 preceding
    )

),

-- What was missing of the price and came later than the parts of one payment do tops it up; the same
-- price paid once more does not.
captures as (

    select
        paid.*,
        case
            when paid.payment_kind = 'void' and paid.payment_status = 'succeeded'
                then 'PAYMENT_VOIDED'
            when paid.payment_status = 'failed' then 'PAYMENT_ATTEMPT_FAILED'
            when paid.payment_kind = 'authorization' then 'PAYMENT_AUTHORIZED'
            when paid.is_capture and paid.earlier_amount > 0
                and paid.earlier_amount < orders.owed_amount - {{ var('payment_tolerance') }}
                and paid.paid_at > {{ add_minutes(
                    'paid.first_captured_at', threshold('payment_settling_minutes')) }}
                then 'PAYMENT_TOPUP'
            when paid.payment_kind = 'capture' then 'PAYMENT_CAPTURED'
            when paid.payment_kind = 'cod_collected' then 'COD_COLLECTED'
        end as event_type
    from paid
    left join {{ ref('int_orders__priced') }} as orders on paid.order_id = orders.order_id

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
union all
select * from {{ ref('int_chargebacks__logged') }}
union all
select
    {{ logged("'COD_REMITTED'", 'passed.remitted_at', 'passed.remitted_known_at',
        "'remittance'", 'passed.remittance_line_id', {
            'order_id': 'parcels.order_id', 'shipment_id': 'parcels.shipment_id',
            'amount': 'passed.amount', 'currency_code': 'passed.currency_code',
            'actor_type': "'carrier'", 'detail_code': 'passed.carrier'}, relation='passed') }}
from {{ ref('stg_cod_remittances') }} as passed
inner join {{ ref('int_shipments__handed') }} as parcels
    on passed.tracking_number = parcels.tracking_number and passed.carrier = parcels.carrier
