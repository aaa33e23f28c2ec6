{{ config(meta={'new_keys': {'record_key': 'payouts'}}) }}
{{ newest_version(
    stream='payouts',
    event_time='paid_out_at',
    columns=[
        'payout_id',
        'provider',
        'provider_payout_id',
        'payout_status',
        'paid_out_at',
        'amount',
        'currency_code',
    ],
    known={
        'paid_out': ['paid_out_at'],
        'valued': ['amount', 'currency_code'],
    },
) }}
