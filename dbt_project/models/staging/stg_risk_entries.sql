{{ config(meta={'new_keys': {'record_key': 'risk_entries'}}) }}
{{ newest_version(
    stream='risk_entries',
    event_time='valid_from',
    columns=[
        'entry_id',
        'list_kind',
        'phone_index',
        'address_index',
        'buyer_channel',
        'buyer_id',
        'reason',
        'valid_from',
        'valid_to',
    ],
) }}
