{{ config(materialized='ephemeral') }}
-- A feed has a column nobody maps, or has lost one, until its files are as before, its columns change
-- again, or somebody says that this is how it is now: then it is no news the next time either.
with

shapes as (

    select
        *,
        lead(received_at) over (
            partition by source, shop_id, layout order by load_seq
        ) as changed_at,
        source || '/' || shop_id || '/' || layout || '#'
            || substring(md5(coalesce(added, '') || '/' || coalesce(missing, '')), 1, 6)
            as shape_id
    from {{ source('ops', 'feed_shapes') }}
    where {{ visible_records() }}

),

accepted as (

    select entity_id, min(decided_at) as accepted_at
    from {{ ref('stg_decisions') }}
    where verb = 'accept_columns' and decision_id not in (
        select undoes_decision_id from {{ ref('stg_decisions') }}
        where undoes_decision_id is not null
    )
    group by entity_id

),

episodes as (

    select
        shapes.*,
        row_number() over (
            partition by shapes.shape_id order by shapes.load_seq
        ) as episode_number,
        case
            when shapes.changed_at is null or accepted.accepted_at < shapes.changed_at
                then accepted.accepted_at
            else shapes.changed_at
        end as ended_at
    from shapes
    left join accepted on shapes.shape_id = accepted.entity_id
    where shapes.state = 'changed'

)

select
    {{ condition('Q36', {
        'entity_type': "('shape')", 'entity_id': 'episodes.shape_id',
        'episode_number': 'episodes.episode_number', 'shop_id': 'episodes.shop_id',
        'opened_at': 'episodes.received_at', 'severity': '3',
        'closed_at': 'case when ended_at < received_at then received_at else ended_at end',
        'facts': facts([
            ["'added_columns'", 'episodes.added', 'null', 'null'],
            ["'missing_columns'", 'episodes.missing', 'null', 'null'],
            ["'file_name'", 'named.file_name', 'null', 'null']])}) }}
from episodes
left join {{ ref('int_files__named') }} as named on episodes.file_id = named.file_id
