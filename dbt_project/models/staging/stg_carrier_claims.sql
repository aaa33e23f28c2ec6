{{ config(meta={'new_keys': {'record_key': 'carrier_claims'}}) }}
{{ newest_version(
    stream='carrier_claims',
    event_time='event_at',
    columns=[
        'claim_id',
        'claim_step',
        'carrier',
        'tracking_number',
        'event_at',
        'amount',
        'currency_code',
        'reason',
    ],
    known={
        'event': ['event_at', 'claim_step'],
        'valued': ['amount', 'currency_code', 'claim_step'],
    },
) }}
