{{ config(meta={'new_keys': {'record_key': 'stock_snapshots'}}) }}
{{ newest_version(
    stream='stock_snapshots',
    event_time='taken_at',
    columns=[
        'sku',
        'warehouse_id',
        'lot',
        'bin_id',
        'taken_at',
        'on_hand_quantity',
        'damaged_quantity',
        'frozen_quantity',
    ],
) }}
