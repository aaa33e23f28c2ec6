{{ config(meta={'new_keys': {'record_key': 'statement_lines'}}) }}
{{ newest_version(
    stream='statement_lines',
    event_time='drafted_at',
    columns=[
        'statement_line_id',
        'decision_id',
        'statement_id',
        'drafted_at',
        'supplier_id',
        'line_id',
        'line_kind',
        'amount',
        'currency_code',
    ],
) }}
