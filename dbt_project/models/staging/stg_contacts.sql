{{ config(meta={'new_keys': {'record_key': 'contacts'}}) }}
{{ newest_version(
    stream='contacts',
    event_time='event_at',
    columns=[
        'contact_id',
        'order_id',
        'carrier',
        'tracking_number',
        'contact_kind',
        'event_at',
        'complaint_id',
        'level',
        'score',
        'outcome',
        'actor_id',
    ],
    known={
        'event': ['event_at', 'contact_kind'],
    },
) }}
