{{ config(meta={'new_keys': {'record_key': 'kit_components'}}) }}
{{ newest_version(
    stream='kit_components',
    event_time='stated_at',
    columns=[
        'kit_sku',
        'component_sku',
        'component_quantity',
        'stated_at',
    ],
    stated={'kit_sku': 'version.kit_sku is not null'},
) }}
