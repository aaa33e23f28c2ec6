{{ config(materialized='ephemeral') }}
-- A shop was told it may sell more pieces than it may.
select
    {{ condition('Q14', {
        'entity_id': 'match_key', 'entity_type': "('listing')", 'channel': 'channel', 'shop_id': 'shop_id',
        'opened_at': 'opened_at',
        'facts': facts([
            ["'published_quantity'", 'right_amount', "'<='", 'left_amount'],
            ["'available_quantity'", 'left_amount', 'null', 'null']])}) }}
from {{ ref('fct_recon_breaks') }}
where recon_code = 'RC14' and difference_amount < 0
