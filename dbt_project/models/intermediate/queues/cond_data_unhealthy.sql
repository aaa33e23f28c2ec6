{{ config(materialized='ephemeral') }}
-- A file brought rows that could not be read, codes nobody knows, or totals that do not add up, until
-- the last of its rows has been read after all; or a feed is late, until its next file.
with

kept_out as (

    select
        rows_out.file_id,
        rows_out.source,
        rows_out.shop_id,
        rows_out.received_at,
        replays.finished_at as read_at
    from {{ source('ops', 'quarantine') }} as rows_out
    left join {{ source('ops', 'loads') }} as replays
        on rows_out.replayed_load_seq = replays.load_seq and replays.{{ visible_records() }}
        and rows_out.file_id = replays.file_id
    where rows_out.{{ visible_records() }}

),

findings as (

    select file_id, min(source) as source, min(shop_id) as shop_id, min(received_at) as seen_at,
        case when count(*) = count(read_at) then max(read_at) end as ended_at,
        count(*) as quarantined_count, 0 as unknown_count, 0 as unequal_count
    from kept_out
    group by file_id
    union all
    select file_id, min(source) as source, min(shop_id) as shop_id, min(seen_at) as seen_at,
        null as ended_at, 0 as quarantined_count, count(*) as unknown_count, 0 as unequal_count
    from {{ ref('int_codes__unknown') }}
    group by file_id
    union all
    select loads.file_id, min(loads.source) as source, min(loads.shop_id) as shop_id,
        min(loads.received_at) as seen_at, null as ended_at, 0 as quarantined_count, 0 as unknown_count,
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
        case when count(*) = count(ended_at) then max(ended_at) end as ended_at,
        sum(quarantined_count) as quarantined_count,
        sum(unknown_count) as unknown_count,
        sum(unequal_count) as unequal_count
    from findings
    group by file_id

)

select
    {{ condition('Q36', {
        'entity_id': 'files.file_id', 'shop_id': 'shop_id', 'opened_at': 'seen_at',
        'closed_at': 'ended_at',
        'facts': facts([
            ["'file_name'", 'named.file_name', 'null', 'null'],
            ["'quarantined_rows'", 'quarantined_count', "'='", '0'],
            ["'unknown_codes'", 'unknown_count', "'='", '0'],
            ["'unequal_totals'", 'unequal_count', "'='", '0']])}) }}
from files
left join {{ ref('int_files__named') }} as named on files.file_id = named.file_id
union all
select
    {{ condition('Q36', {
        'entity_type': "('feed')", 'entity_id': 'entity_id', 'episode_number': 'episode_number',
        'started_at': 'started_at', 'opened_at': 'due_at', 'closed_at': 'stopped_at',
        'due_at': 'due_at', 'evidence_event_id': 'start_event_id',
        'facts': facts([["'waited_minutes'", minutes_between('started_at',
            'coalesce(stopped_at, due_at)'), "'<='", 'budget_minutes']])}) }}
from {{ ref('fct_sla_clocks') }}
where sla_code = 'S37'
