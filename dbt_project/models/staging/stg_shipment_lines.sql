{{ config(meta={'new_keys': {'record_key': 'shipment_lines'}}) }}
{{ newest_version(
    stream='shipment_lines',
    event_time='shipped_at',
    columns=[
        'shipment_id',
        'line_id',
        'order_id',
        'shipped_at',
        'sku',
        'quantity',
    ],
    known={
        'moved': ['order_id', 'line_id', 'sku', 'quantity', 'shipped_at'],
    },
    codes='final.sku',
) }}
