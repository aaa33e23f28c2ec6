{{ config(materialized='ephemeral') }}
-- A shop was told it may sell more pieces than it may.
select
    {{ condition('Q14', {
        'entity_id': 'breaks.match_key', 'entity_type': "('listing')", 'channel': 'breaks.channel',
        'shop_id': 'breaks.shop_id', 'opened_at': 'breaks.opened_at',
        'facts': facts([
            ["'published_quantity'", 'breaks.right_amount', "'<='", 'breaks.left_amount'],
            ["'available_quantity'", 'breaks.left_amount', 'null', 'null'],
            ["'published_at'", 'told.published_at', 'null', 'null']])}) }}
from {{ ref('fct_recon_breaks') }} as breaks
inner join {{ ref('fct_channel_stock') }} as told
    on breaks.match_key = told.sku || '@' || told.shop_id
where breaks.recon_code = 'RC14' and breaks.difference_amount < 0
