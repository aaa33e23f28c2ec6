{{ config(meta={'new_keys': {'record_key': 'products'}}) }}
{{ newest_version(
    stream='products',
    event_time='listed_at',
    columns=[
        'sku',
        'product_name',
        'category',
        'brand',
        'cost_amount',
        'price_amount',
        'currency_code',
        'safety_stock_quantity',
        'supplier_id',
        'weight',
        'is_fragile',
        'listed_at',
    ],
    stated={'sku': 'version.sku is not null'},
) }}
