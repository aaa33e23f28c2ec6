{{ config(materialized='ephemeral') }}
-- RC2: what was captured against the provider's bill. A payment of a day nobody has billed yet is
-- not missing. What a marketplace settles by article is no payment of its own: RC7.
with

billed_days as (

    select
        provider,
        {{ reporting_date('posted_at') }} as billed_date,
        min(posted_known_at) as known_at
    from {{ ref('stg_settlement_lines') }}
    group by provider, {{ reporting_date('posted_at') }}

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
    where payment_status = 'succeeded' and payment_kind = 'capture'

)

select
    {{ recon_side('RC2', 'left', {
        'item_id': 'payments.payment_id', 'match_key': 'payments.match_key',
        'currency_code': 'payments.currency_code', 'amount': 'payments.amount',
        'item_at': 'payments.paid_at', 'item_date': 'payments.paid_date',
        'order_id': 'payments.order_id', 'channel': 'payments.channel',
        'shop_id': 'payments.shop_id', 'party': 'payments.provider',
        'is_due': 'billed_days.billed_date is not null', 'due_at': 'billed_days.known_at',
        'known_at': 'payments.valued_known_at'}) }}
from payments
inner join first_days
    on payments.provider = first_days.provider
    and payments.paid_date >= first_days.first_billed_date
left join billed_days
    on payments.provider = billed_days.provider
    and payments.paid_date = billed_days.billed_date
where payments.match_key is not null and {{ touched('payments.match_key', 'payments') }}
union all
select
    {{ recon_side('RC2', 'right', {
        'item_id': 'settlement_line_id', 'match_key': 'match_key',
        'currency_code': 'currency_code', 'amount': 'gross_amount', 'item_at': 'posted_at',
        'order_id': 'resolved_order_id', 'channel': 'channel', 'shop_id': 'shop_id',
        'party': 'provider', 'known_at': 'valued_known_at'}) }}
from {{ ref('int_settlement_lines__resolved') }}
where line_kind = 'payment' and amount_type is null and {{ touched('match_key', 'payments') }}
