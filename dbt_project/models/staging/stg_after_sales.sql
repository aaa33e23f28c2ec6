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
        'event_at',
        'sku',
        'quantity',
        'amount',
        'currency_code',
        'reason',
        'actor_id',
    ],
    known={
        'event': ['event_at'],
    },
) }}
