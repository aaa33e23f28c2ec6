{{ config(meta={'new_keys': {'record_key': 'incidents'}}) }}
{{ newest_version(
    stream='incidents',
    event_time='event_at',
    columns=[
        'incident_id',
        'incident_step',
        'event_at',
        'order_id',
        'incident_kind',
        'department',
        'actor_id',
    ],
    known={
        'event': ['event_at', 'incident_step'],
    },
) }}
