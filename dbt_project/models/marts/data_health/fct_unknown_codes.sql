{{ config(meta={'touched': 'all'}) }}
select
    file_id,
    stream,
    coalesce(party, '') as party,
    code,
    min(source) as source,
    min(shop_id) as shop_id,
    count(*) as record_count,
    min(seen_at) as first_seen_at
from {{ ref('int_codes__unknown') }}
group by file_id, stream, coalesce(party, ''), code
