{{ config(meta={'part': {'settlement_line_id': 'int_settlement_lines__resolved'}}) }}
select
    settlement_line_id,
    provider,
    shop_id,
    statement_id,
    payout_id,
    line_kind,
    posted_at,
    provider_payment_id,
    merchant_payment_id,
    merchant_refund_id,
    match_key,
    resolved_order_id as order_id,
    gross_amount,
    fee_amount,
    net_amount,
    currency_code,
    note,
    posted_known_at as ingested_at,
    file_id as _file_id,
    row_number as _row_number
from {{ ref('int_settlement_lines__resolved') }}
