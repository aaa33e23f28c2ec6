{{ config(meta={'new_keys': {'record_key': 'purchase_orders'}}) }}
{{ newest_version(
    stream='purchase_orders',
    event_time='ordered_at',
    columns=[
        'purchase_line_id',
        'purchase_order_id',
        'supplier_id',
        'sku',
        'warehouse_id',
        'purchase_status',
        'ordered_at',
        'confirmed_at',
        'closed_at',
        'due_at',
        'ordered_quantity',
        'received_quantity',
        'unit_cost_amount',
        'currency_code',
    ],
) }}
