{{ config(materialized='ephemeral') }}
-- RC7U: amounts a marketplace settled under a name that no policy knows, by shop and kind: that is what
-- has to be named. Nothing stands against them until somebody has said what they are.
with

lines as (

    select
        *,
        shop_id || '@' || amount_type || '/' || coalesce(amount_description, '') as kind_key
    from {{ ref('fct_settlement_lines') }}
    where amount_type is not null and component_code is null

),

final as (

    select
        lines.*,
        stated.netted_known_at,
        -- Of several orders none is the one it is about.
        case when min(lines.order_id) over (partition by lines.kind_key)
            = max(lines.order_id) over (partition by lines.kind_key) then lines.order_id end
            as only_order_id
    from lines
    inner join {{ ref('stg_settlement_lines') }} as stated
        on lines.settlement_line_id = stated.settlement_line_id

)

select
    {{ recon_side('RC7U', 'right', {
        'item_id': 'settlement_line_id', 'match_key': 'kind_key',
        'currency_code': 'currency_code',
        'amount': 'coalesce(net_amount, gross_amount - coalesce(fee_amount, 0))',
        'item_at': 'posted_at', 'order_id': 'only_order_id', 'shop_id': 'shop_id',
        'party': 'provider', 'known_at': 'netted_known_at',
        'lone_type': "'KEY_UNMAPPED'"}) }}
from final
