{{ config(meta={'new_keys': {'record_key': 'account_lines'}}) }}
{{ newest_version(
    stream='account_lines',
    event_time='posted_at',
    columns=[
        'account_line_id',
        'account_id',
        'posted_at',
        'amount',
        'balance_amount',
        'balance_kind',
        'currency_code',
        'provider',
        'provider_payment_id',
        'merchant_payment_id',
        'note',
    ],
    known={
        'posted': ['posted_at'],
        'valued': ['amount', 'balance_amount', 'currency_code'],
    },
) }}
