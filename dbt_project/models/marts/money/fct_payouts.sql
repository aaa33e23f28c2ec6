{{ config(meta={'new_keys': {'payout_id': 'payouts'}}) }}
select
    payout_id,
    provider,
    shop_id,
    payout_status,
    paid_out_at,
    amount,
    currency_code,
    paid_out_known_at as ingested_at,
    file_id as _file_id,
    row_number as _row_number
from {{ ref('stg_payouts') }}
{%- if not is_full() %}
where payout_id in {{ new_keys('payouts', 'payout_id') }}
{%- endif %}
