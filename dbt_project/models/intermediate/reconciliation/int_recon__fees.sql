{{ config(materialized='ephemeral') }}
-- RC4: the fee a contract gives for a line of a bill against the fee that was kept.
with

agreed as (

    select
        lines.*,
        -- What was not captured of a charge takes its share of the fee along, never the fixed part.
        round(lines.gross_amount * rates.fee_rate
            + case when lines.gross_amount < 0 then 0 else rates.fixed_amount end, 2)
            as agreed_fee_amount
    from {{ ref('int_settlement_lines__resolved') }} as lines
    inner join {{ ref('fee_rates') }} as rates
        on lines.provider = rates.provider
        and lines.line_kind = rates.line_kind
        and lines.currency_code = rates.currency_code
        and {{ reporting_date('lines.posted_at') }} between rates.valid_from and rates.valid_to
    where {{ touched('lines.settlement_line_id', 'payments') }}

)

{% for side, amount, known_at in [('left', 'agreed_fee_amount', 'valued_known_at'),
    ('right', 'coalesce(fee_amount, 0)', 'netted_known_at')] -%}
select
    {{ recon_side('RC4', side, {
        'item_id': 'settlement_line_id', 'match_key': 'settlement_line_id',
        'currency_code': 'currency_code', 'amount': amount, 'item_at': 'posted_at',
        'order_id': 'resolved_order_id', 'channel': 'channel', 'shop_id': 'shop_id',
        'party': 'provider', 'known_at': known_at}) }}
from agreed
{{ 'union all' if not loop.last }}
{% endfor %}
