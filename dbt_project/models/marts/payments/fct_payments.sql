{{ config(meta={'touched': 'orders', 'new_keys': {'payment_id': 'payments'}}) }}
select
    payment_id,
    order_id,
    channel,
    shop_id,
    payment_kind,
    payment_status,
    paid_at,
    amount,
    currency_code,
    payment_method,
    provider,
    provider_payment_id,
    merchant_payment_id,
    file_id as _file_id,
    row_number as _row_number
from {{ ref('int_payments__dated') }}
{% if not is_full() %}
where payment_id in {{ new_keys('payments', 'payment_id') }} or {{ touched('order_id') }}
{% endif %}
