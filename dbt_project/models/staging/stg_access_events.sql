{{ config(meta={'new_keys': {'record_key': 'access_events'}}) }}
{{ newest_version(
    stream='access_events',
    event_time='happened_at',
    columns=[
        'access_event_id',
        'verb',
        'happened_at',
        'account_id',
        'actor_id',
        'account_state',
        'roles',
        'role_conflict',
        'subject',
    ],
    known={
        'happened': ['happened_at'],
    },
) }}
