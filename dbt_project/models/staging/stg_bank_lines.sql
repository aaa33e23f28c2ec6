{{ config(meta={'new_keys': {'record_key': 'bank_lines'}}) }}
{{ newest_version(
    stream='bank_lines',
    event_time='booked_at',
    columns=[
        'bank_line_id',
        'account_id',
        'booked_at',
        'amount',
        'currency_code',
        'party',
        'payout_reference',
        'balance_amount',
        'note',
    ],
    known={
        'booked': ['booked_at'],
        'valued': ['amount', 'currency_code', 'party', 'payout_reference'],
    },
) }}
