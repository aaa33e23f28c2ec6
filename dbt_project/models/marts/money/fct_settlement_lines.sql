{{ config(meta={'part': {'settlement_line_id': 'int_settlement_lines__resolved'}}) }}
select
    lines.settlement_line_id,
    lines.provider,
    lines.shop_id,
    lines.statement_id,
    lines.payout_id,
    lines.line_kind,
    lines.posted_at,
    lines.provider_payment_id,
    lines.merchant_payment_id,
    lines.merchant_refund_id,
    lines.match_key,
    lines.resolved_order_id as order_id,
    lines.gross_amount,
    lines.fee_amount,
    lines.net_amount,
    lines.currency_code,
    lines.sku,
    lines.amount_type,
    lines.amount_description,
    components.component_code,
    lines.note,
    lines.posted_known_at as ingested_at,
    lines.file_id as _file_id,
    lines.row_number as _row_number
from {{ ref('int_settlement_lines__resolved') }} as lines
left join {{ ref('settlement_components') }} as components
    on lines.provider = components.provider
    and lines.amount_type = components.amount_type
    and coalesce(lines.amount_description, '') = coalesce(components.amount_description, '')
