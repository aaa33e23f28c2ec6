{{ config(meta={'new_keys': {'record_key': 'invoices'}}) }}
{{ newest_version(
    stream='invoices',
    event_time='event_at',
    columns=[
        'invoice_event_id',
        'invoice_step',
        'event_at',
        'order_id',
        'invoice_code',
        'invoice_number',
        'original_invoice_number',
        'invoice_type',
        'title_type',
        'amount',
        'tax_amount',
        'currency_code',
        'reason',
    ],
    known={
        'event': ['event_at', 'invoice_step'],
        'valued': ['amount', 'currency_code', 'invoice_step'],
    },
) }}
