{{ config(meta={'new_keys': {'record_key': 'channel_stock'}}) }}
{{ newest_version(
    stream='channel_stock',
    event_time='published_at',
    columns=[
        'listing_id',
        'sku',
        'published_at',
        'published_quantity',
    ],
    codes='final.sku',
) }}
