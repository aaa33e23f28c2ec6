-- One row per line of a bill (of the touched payments), with the order and the payment it is for.
-- Our number at a provider and the provider's own number name the same payment.
with

lines as (

    select * from {{ ref('stg_settlement_lines') }}
    where {{ touched('merchant_payment_id', 'payments') }}
        or {{ touched('provider_payment_id', 'payments') }}
        or {{ touched('settlement_line_id', 'payments') }}

),

by_merchant as (

    select
        merchant_payment_id,
        {{ first_by('order_id', ['payment_id']) }} as order_id
    from {{ ref('stg_payments') }}
    where order_id is not null
        and merchant_payment_id in (select merchant_payment_id from lines)
    group by merchant_payment_id

),

by_provider as (

    select
        provider_payment_id,
        {{ first_by('order_id', ['payment_id']) }} as order_id,
        {{ first_by('merchant_payment_id', ['payment_id']) }} as merchant_payment_id
    from {{ ref('stg_payments') }}
    where order_id is not null
        and provider_payment_id in (select provider_payment_id from lines)
    group by provider_payment_id

),

final as (

    select
        lines.*,
        coalesce(lines.order_id, by_merchant.order_id, by_provider.order_id) as resolved_order_id,
        coalesce(
            lines.merchant_payment_id, by_provider.merchant_payment_id, lines.provider_payment_id,
            lines.settlement_line_id
        ) as match_key
    from lines
    left join by_merchant on lines.merchant_payment_id = by_merchant.merchant_payment_id
    left join by_provider on lines.provider_payment_id = by_provider.provider_payment_id

)

select * from final
