{{ config(meta={'new_keys': {'record_key': 'tracking_events'}}) }}
{{ newest_version(
    stream='tracking_events',
    event_time='event_at',
    columns=[
        'carrier',
        'tracking_number',
        'event_at',
        'code_raw',
        'place',
    ],
    known={
        'event': ['event_at'],
    },
) }}
