{{ config(meta={'touched': 'all'}) }}
select
    rows_out.quarantine_id,
    rows_out.file_id,
    files.file_name,
    rows_out.source,
    rows_out.shop_id,
    rows_out.layout,
    rows_out.stream,
    rows_out.row_number,
    rows_out.byte_from,
    rows_out.byte_to,
    rows_out.reason_code,
    rows_out.column_name,
    rows_out.detail,
    rows_out.raw_masked,
    rows_out.raw_cipher,
    rows_out.received_at,
    rows_out.state
from {{ source('ops', 'quarantine') }} as rows_out
left join {{ ref('int_files__named') }} as files on rows_out.file_id = files.file_id
where rows_out.{{ visible_records() }}
