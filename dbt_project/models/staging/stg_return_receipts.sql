{{ config(meta={'new_keys': {'record_key': 'return_receipts'}}) }}
{{ newest_version(
    stream='return_receipts',
    event_time='received_at',
    columns=[
        'return_receipt_id',
        'case_id',
        'order_id',
        'carrier',
        'tracking_number',
        'received_at',
        'sku',
        'quantity',
        'inspected_at',
        'passed_quantity',
        'failed_quantity',
        'disposition',
        'reason',
        'warehouse_id',
        'actor_id',
    ],
    known={
        'received': ['received_at'],
        'inspected': ['inspected_at'],
        'named': ['case_id', 'order_id', 'tracking_number'],
    },
    codes='final.sku',
) }}
