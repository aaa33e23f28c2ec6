{{ config(materialized='ephemeral') }}
-- Counts of a warehouse differ from the ledger; ends with the first count that agrees.
with

counts as (

    select
        *,
        max(episode_number) over (
            partition by sku, warehouse_id order by taken_at
            rows between unbounded preceding and current row
        ) as run_number
    from {{ ref('fct_stock_drifts') }}

),

runs as (

    select
        sku,
        warehouse_id,
        run_number,
        min(case when is_drift then taken_at end) as opened_at,
        min(case when not is_drift then taken_at end) as closed_at,
        {{ last_by('drift_quantity', ['is_drift', 'taken_at']) }} as drift_quantity,
        {{ last_by('snapshot_quantity', ['is_drift', 'taken_at']) }} as snapshot_quantity,
        {{ last_by('ledger_quantity', ['is_drift', 'taken_at']) }} as ledger_quantity
    from counts
    where run_number is not null
    group by sku, warehouse_id, run_number

)

select
    {{ condition('Q14', {
        'entity_id': "sku || '@' || warehouse_id", 'episode_number': 'run_number',
        'opened_at': 'opened_at', 'closed_at': 'closed_at',
        'facts': facts([
            ["'drift_quantity'", 'drift_quantity', "'='", '0'],
            ["'snapshot_quantity'", 'snapshot_quantity', "'='", 'ledger_quantity']])}) }}
from runs
