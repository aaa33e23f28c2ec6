{{ config(meta={'new_keys': {'record_key': 'order_risks'}}) }}
{{ newest_version(
    stream='order_risks',
    event_time='seen_at',
    columns=[
        'risk_id',
        'order_id',
        'seen_at',
        'recommendation',
        'score',
        'reason',
    ],
    known={
        'seen': ['seen_at', 'recommendation'],
    },
) }}
