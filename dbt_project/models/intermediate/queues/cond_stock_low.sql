{{ config(materialized='ephemeral') }}
-- What can be promised is below the level at which it has to be replenished, or gone.
select
    {{ condition('Q12', {
        'entity_id': "sku || '@' || warehouse_id", 'episode_number': 'episode_number',
        'opened_at': 'raised_at', 'closed_at': 'cleared_at',
        'facts': facts([
            ["'atp_quantity'", 'atp_quantity', "'<'", 'level_quantity'],
            ["'on_hand_quantity'", 'on_hand_quantity', 'null', 'null']])}) }}
from {{ ref('fct_stock_alerts') }}
where alert_type = 'low'
