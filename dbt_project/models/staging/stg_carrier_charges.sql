{{ config(meta={'new_keys': {'record_key': 'carrier_charges'}}) }}
{{ newest_version(
    stream='carrier_charges',
    event_time='charged_at',
    columns=[
        'charge_id',
        'carrier',
        'invoice_id',
        'tracking_number',
        'charge_kind',
        'charged_at',
        'weight',
        'amount',
        'currency_code',
    ],
    known={
        'charged': ['charged_at'],
        'valued': ['amount', 'currency_code', 'tracking_number'],
    },
) }}
