{{ config(meta={'new_keys': {'record_key': 'settlement_lines'}}) }}
{{ newest_version(
    stream='settlement_lines',
    event_time='posted_at',
    columns=[
        'settlement_line_id',
        'provider',
        'statement_id',
        'payout_id',
        'line_kind',
        'posted_at',
        'provider_payment_id',
        'merchant_payment_id',
        'merchant_refund_id',
        'order_id',
        'gross_amount',
        'fee_amount',
        'net_amount',
        'currency_code',
        'note',
    ],
    known={
        'posted': ['posted_at'],
        'valued': ['gross_amount', 'currency_code', 'line_kind', 'merchant_payment_id',
            'provider_payment_id', 'merchant_refund_id'],
        'netted': ['gross_amount', 'fee_amount', 'net_amount', 'currency_code', 'payout_id'],
    },
) }}
