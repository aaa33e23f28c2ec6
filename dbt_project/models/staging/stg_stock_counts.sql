{{ config(meta={'new_keys': {'record_key': 'stock_counts'}}) }}
{{ newest_version(
    stream='stock_counts',
    event_time='event_at',
    columns=[
        'count_line_id',
        'count_id',
        'count_step',
        'event_at',
        'sku',
        'warehouse_id',
        'lot',
        'book_quantity',
        'counted_quantity',
        'reason',
        'actor_id',
    ],
) }}
