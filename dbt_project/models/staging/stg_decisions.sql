{{ config(meta={'new_keys': {'record_key': 'decisions'}}) }}
{{ newest_version(
    stream='decisions',
    event_time='decided_at',
    columns=[
        'decision_id',
        'verb',
        'decided_at',
        'queue_code',
        'item_id',
        'entity_type',
        'entity_id',
        'order_id',
        'actor_id',
        'actor_role',
        'reason_code',
        'hold_type',
        'quantity',
        'case_id',
        'undoes_decision_id',
        'args',
    ],
    known={
        'decided': ['decided_at'],
    },
) }}
