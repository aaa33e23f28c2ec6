{{ config(meta={'new_keys': {'record_key': 'supplier_statements'}}) }}
{{ newest_version(
    stream='supplier_statements',
    event_time='stated_at',
    columns=[
        'supplier_line_id',
        'supplier_statement_id',
        'supplier_id',
        'stated_at',
        'period_from_at',
        'period_until_at',
        'line_kind',
        'line_reference',
        'order_id',
        'quantity',
        'amount',
        'currency_code',
    ],
) }}
