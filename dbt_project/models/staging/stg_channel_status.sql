{{ config(meta={'new_keys': {'record_key': 'channel_status'}}) }}
{{ newest_version(
    stream='channel_status',
    event_time='seen_at',
    columns=[
        'order_id',
        'seen_at',
        'status_raw',
        'shipment_id',
        'tracking_number',
        'payable_amount',
        'currency_code',
    ],
    known={
        'seen': ['seen_at'],
    },
) }}
