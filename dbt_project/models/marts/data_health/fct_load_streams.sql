{{ config(meta={'touched': 'all'}) }}
select
    loads.load_id,
    streams.stream,
    loads.file_id,
    loads.source,
    loads.shop_id,
    streams.rows as row_count
from {{ source('ops', 'load_streams') }} as streams
inner join {{ source('ops', 'loads') }} as loads on streams.load_seq = loads.load_seq
where loads.{{ visible_records() }}
