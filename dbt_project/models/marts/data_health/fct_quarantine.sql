{{ config(meta={'touched': 'all'}) }}
select
    quarantine_id,
    file_id,
    source,
    shop_id,
    layout,
    stream,
    row_number,
    byte_from,
    byte_to,
    reason_code,
    column_name,
    detail,
    raw_masked,
    raw_cipher,
    received_at,
    state
from {{ source('ops', 'quarantine') }}
where {{ visible_records() }}
