{{ config(meta={'new_keys': {'record_key': 'refunds'}}) }}
{{ newest_version(
    stream='refunds',
    event_time='refunded_at',
    columns=[
        'refund_id',
        'order_id',
        'line_id',
        'case_id',
        'refund_status',
        'attempt_number',
        'refunded_at',
        'amount',
        'currency_code',
        'refund_kind',
        'reason',
        'sku',
        'quantity',
        'is_restocked',
        'buyer_id',
        'provider',
        'provider_refund_id',
        'request_number',
    ],
    known={
        'refunded': ['refunded_at'],
        'valued': ['amount', 'currency_code', 'refund_status', 'provider_refund_id'],
    },
) }}
