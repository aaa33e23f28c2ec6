{{ config(meta={'touched': 'all'}) }}
select
    loads.load_id,
    totals.name,
    loads.file_id,
    files.file_name,
    loads.source,
    loads.shop_id,
    totals.stated,
    totals.computed,
    totals.is_equal
from {{ source('ops', 'control_totals') }} as totals
inner join {{ source('ops', 'loads') }} as loads on totals.load_seq = loads.load_seq
left join {{ ref('int_files__named') }} as files on loads.file_id = files.file_id
where loads.{{ visible_records() }}
