{{ config(meta={'new_keys': {'record_key': 'payments'}}) }}
{{ newest_version(
    stream='payments',
    event_time='paid_at',
    columns=[
        'payment_id',
        'order_id',
        'payment_kind',
        'payment_status',
        'paid_at',
        'amount',
        'currency_code',
        'payment_method',
        'provider',
        'provider_payment_id',
        'merchant_payment_id',
    ],
    known={
        'paid': ['paid_at', 'payment_kind', 'payment_status'],
        'valued': ['amount', 'currency_code', 'payment_kind', 'payment_status',
            'merchant_payment_id', 'provider_payment_id'],
    },
) }}
