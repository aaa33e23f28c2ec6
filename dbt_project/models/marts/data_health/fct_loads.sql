{{ config(meta={'touched': 'all'}) }}
select
    load_id,
    load_seq,
    file_id,
    source,
    shop_id,
    layout,
    started_at,
    finished_at,
    received_at,
    records_read,
    records_recorded,
    records_quarantined,
    records_skipped,
    mapping_version
from {{ source('ops', 'loads') }}
where {{ visible_records() }}
