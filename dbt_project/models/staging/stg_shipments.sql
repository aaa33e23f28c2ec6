{{ config(meta={'new_keys': {'record_key': 'shipments'}}) }}
{{ newest_version(
    stream='shipments',
    event_time='shipped_at',
    columns=[
        'shipment_id',
        'order_id',
        'shipped_at',
        'promised_at',
        'delivered_at',
        'carrier',
        'tracking_number',
        'shipment_status',
        'warehouse_id',
        'supplier_id',
        'insured_amount',
        'currency_code',
    ],
    known={
        'shipped': ['shipped_at'],
        'delivered': ['delivered_at'],
    },
) }}
