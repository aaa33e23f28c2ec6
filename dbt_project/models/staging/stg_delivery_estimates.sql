{{ config(meta={'new_keys': {'record_key': 'delivery_estimates'}}) }}
{{ newest_version(
    stream='delivery_estimates',
    event_time='stated_at',
    columns=[
        'estimate_id',
        'order_id',
        'shipment_id',
        'carrier',
        'tracking_number',
        'stated_at',
        'expected_at',
    ],
    known={
        'stated': ['stated_at', 'expected_at'],
    },
) }}
