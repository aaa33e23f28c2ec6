{{ config(meta={'new_keys': {'record_key': 'order_lines'}}) }}
{{ newest_version(
    stream='order_lines',
    event_time='placed_at',
    columns=[
        'line_id',
        'order_id',
        'placed_at',
        'line_number',
        'line_kind',
        'sku',
        'product_name',
        'quantity',
        'unit_price_amount',
        'discount_amount',
        'shipping_amount',
        'tax_amount',
        'line_amount',
        'currency_code',
        'supplier_id',
        'ship_by_at',
    ],
    stated={
        'sku': 'version.sku is not null',
        'quantity': 'version.quantity > 0',
        'price': '(version.line_amount is not null or version.unit_price_amount >= 0)',
    },
) }}
