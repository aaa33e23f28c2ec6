{{ config(materialized='ephemeral') }}
-- The last count of a warehouse differs from the ledger.
select
    {{ condition('Q14', {
        'entity_id': "sku || '@' || warehouse_id", 'episode_number': '_drift_episode_number',
        'opened_at': '_drift_since_at',
        'facts': facts([
            ["'drift_quantity'", 'drift_quantity', "'='", '0'],
            ["'snapshot_quantity'", 'snapshot_quantity', "'='", 'ledger_at_snapshot_quantity']])
        }) }}
from {{ ref('fct_stock_positions') }}
where _drift_since_at is not null
