{{ config(materialized='ephemeral') }}
-- RC14: pieces a shop may sell against the pieces it was told last.
{% for side, quantity in [('left', 'available_quantity'), ('right', 'published_quantity')] -%}
select
    {{ recon_side('RC14', side, {
        'item_id': "sku || '@' || shop_id || ':" ~ side ~ "'", 'match_key': "sku || '@' || shop_id",
        'amount': quantity, 'item_at': 'published_at', 'channel': 'channel',
        'shop_id': 'shop_id', 'party': 'channel'}) }}
from {{ ref('fct_channel_stock') }}
where published_at is not null
{{ 'union all' if not loop.last }}
{% endfor %}
