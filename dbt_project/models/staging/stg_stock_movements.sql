{{ config(meta={'new_keys': {'record_key': 'stock_movements'}}) }}
{{ newest_version(
    stream='stock_movements',
    event_time='moved_at',
    columns=[
        'movement_id',
        'sku',
        'warehouse_id',
        'lot',
        'movement_type',
        'quantity',
        'moved_at',
        'order_id',
        'reference',
        'reason',
        'lot_expires_at',
        'to_warehouse_id',
    ],
) }}
