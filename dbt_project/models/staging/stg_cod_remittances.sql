{{ config(meta={'new_keys': {'record_key': 'cod_remittances'}}) }}
{{ newest_version(
    stream='cod_remittances',
    event_time='remitted_at',
    columns=[
        'remittance_line_id',
        'carrier',
        'remittance_id',
        'tracking_number',
        'remitted_at',
        'amount',
        'currency_code',
    ],
    known={
        'remitted': ['remitted_at'],
        'valued': ['amount', 'currency_code', 'tracking_number'],
    },
) }}
