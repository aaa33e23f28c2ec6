{{ config(meta={'new_keys': {'record_key': 'after_sales'}}) }}
{{ newest_version(
    stream='after_sales',
    event_time='event_at',
    columns=[
        'case_id',
        'order_id',
        'line_id',
        'case_kind',
        'case_step',
        'attempt_number',
        'event_at',
        'sku',
        'quantity',
        'amount',
        'supplier_amount',
        'ecom_amount',
        'platform_amount',
        'currency_code',
        'reason',
        'liable_party',
        'return_carrier',
        'return_tracking_number',
        'actor_id',
    ],
    known={
        'event': ['event_at'],
    },
) }}
