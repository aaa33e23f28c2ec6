{{ config(meta={'new_keys': {'record_key': 'recon_decisions'}}) }}
{{ newest_version(
    stream='recon_decisions',
    event_time='decided_at',
    columns=[
        'decision_id',
        'verb',
        'decided_at',
        'break_id',
        'recon_code',
        'match_key',
        'currency_code',
        'order_id',
        'group_id',
        'suggestion_id',
        'left_amount',
        'right_amount',
        'reason_code',
        'actor_id',
        'actor_role',
        'proposed_by',
        'undoes_decision_id',
    ],
) }}
