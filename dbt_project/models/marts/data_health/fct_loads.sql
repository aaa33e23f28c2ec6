{{ config(meta={'touched': 'all'}) }}
select
    loads.load_id,
    loads.load_seq,
    loads.file_id,
    files.file_name,
    loads.source,
    loads.shop_id,
    loads.layout,
    loads.started_at,
    loads.finished_at,
    loads.received_at,
    loads.records_read,
    loads.records_recorded,
    loads.records_quarantined,
    loads.records_skipped,
    loads.mapping_version
from {{ source('ops', 'loads') }} as loads
left join {{ ref('int_files__named') }} as files on loads.file_id = files.file_id
where loads.{{ visible_records() }}
