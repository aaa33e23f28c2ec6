{{ config(materialized='ephemeral') }}
-- RC7U: amounts a marketplace settled under a name that no policy knows. Nothing stands against them
-- until somebody has said what they are.
select
    {{ recon_side('RC7U', 'right', {
        'item_id': 'lines.settlement_line_id',
        'match_key': "lines.settlement_line_id || '@' || lines.amount_type || '/'
            || coalesce(lines.amount_description, '')",
        'currency_code': 'lines.currency_code',
        'amount': 'coalesce(lines.net_amount,
            lines.gross_amount - coalesce(lines.fee_amount, 0))',
        'item_at': 'lines.posted_at', 'order_id': 'lines.order_id', 'shop_id': 'lines.shop_id',
        'party': 'lines.provider', 'known_at': 'stated.netted_known_at',
        'lone_type': "'KEY_UNMAPPED'"}) }}
from {{ ref('fct_settlement_lines') }} as lines
inner join {{ ref('stg_settlement_lines') }} as stated
    on lines.settlement_line_id = stated.settlement_line_id
where lines.amount_type is not null
    and lines.component_code is null
    and {{ touched('lines.settlement_line_id', 'payments') }}
