{{ config(meta={'new_keys': {'record_key': 'fulfilment_events'}}) }}
{{ newest_version(
    stream='fulfilment_events',
    event_time='event_at',
    columns=[
        'event_key',
        'order_id',
        'event_code',
        'event_at',
        'line_id',
        'sku',
        'quantity',
        'warehouse_id',
        'carrier',
        'tracking_number',
        'weight',
        'reason',
        'actor_id',
        'supplier_id',
        'unit_price_amount',
        'currency_code',
        'insured_amount',
    ],
    known={
        'event': ['event_at', 'event_code'],
    },
    codes='final.sku',
) }}
