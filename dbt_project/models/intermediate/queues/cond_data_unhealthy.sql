{{ config(materialized='ephemeral') }}
-- A file brought rows that could not be read, codes nobody knows, or totals that do not add up.
with

findings as (

    select file_id, min(source) as source, min(shop_id) as shop_id, min(received_at) as seen_at,
        count(*) as quarantined_count, 0 as unknown_count, 0 as unequal_count
    from {{ source('ops', 'quarantine') }}
    where state = 'open' and {{ visible_records() }}
    group by file_id
    union all
    select file_id, min(source) as source, min(shop_id) as shop_id, min(seen_at) as seen_at,
        0 as quarantined_count, count(*) as unknown_count, 0 as unequal_count
    from {{ ref('int_codes__unknown') }}
    group by file_id
    union all
    select loads.file_id, min(loads.source) as source, min(loads.shop_id) as shop_id,
        min(loads.received_at) as seen_at, 0 as quarantined_count, 0 as unknown_count,
        count(*) as unequal_count
    from {{ source('ops', 'control_totals') }} as totals
    inner join {{ source('ops', 'loads') }} as loads on totals.load_seq = loads.load_seq
    where not totals.is_equal and loads.{{ visible_records() }}
    group by loads.file_id

),

files as (

    select
        file_id,
        min(source) as source,
        min(shop_id) as shop_id,
        min(seen_at) as seen_at,
        sum(quarantined_count) as quarantined_count,
        sum(unknown_count) as unknown_count,
        sum(unequal_count) as unequal_count
    from findings
    group by file_id

)

select
    {{ condition('Q36', {
        'entity_id': 'file_id', 'shop_id': 'shop_id', 'opened_at': 'seen_at',
        'facts': facts([
            ["'quarantined_rows'", 'quarantined_count', "'='", '0'],
            ["'unknown_codes'", 'unknown_count', "'='", '0'],
            ["'unequal_totals'", 'unequal_count', "'='", '0']])}) }}
from files
