{{ config(meta={'touched': 'skus'}) }}
select
    sku,
    warehouse_id,
    taken_at,
    cast(snapshot_quantity as decimal(18, 4)) as snapshot_quantity,
    cast(ledger_quantity as decimal(18, 4)) as ledger_quantity,
    cast(drift_quantity as decimal(18, 4)) as drift_quantity,
    cast(in_flight_quantity as decimal(18, 4)) as in_flight_quantity,
    is_drift,
    case when is_drift then cast(episode_number as bigint) end as episode_number,
    case when is_drift then drift_since_at end as drift_since_at,
    case when is_drift then agreed_at end as agreed_at,
    case when is_drift then {{ reporting_date('drift_since_at') }} end as drift_since_date
from {{ ref('int_stock__drifted') }}
