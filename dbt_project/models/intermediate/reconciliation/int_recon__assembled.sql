{{ config(materialized='ephemeral') }}
-- Sets of differences that may cancel each other, however they were found; the same set once.
with

found as (

    {% for place, column in [(1, 'one_id'), (2, 'second_id'), (3, 'third_id'), (4, 'fourth_id')] -%}
    select
        'parts' as found_by,
        one_id || second_id || coalesce(third_id, '') || coalesce(fourth_id, '') as set_id,
        {{ column }} as break_id,
        {{ place }} as member_number,
        rest_amount,
        days_apart,
        key_distance
    from {{ ref('int_recon__coupled') }}
    where {{ column }} is not null
    union all
    {% endfor -%}
    select 'order' as found_by, set_id, break_id, member_number, rest_amount, days_apart,
        cast(null as bigint) as key_distance
    from {{ ref('int_recon__shared') }}
    union all
    select 'run' as found_by, set_id, break_id, member_number,
        cast(0 as decimal(18, 4)) as rest_amount, days_apart, cast(null as bigint) as key_distance
    from {{ ref('int_recon__runs') }}

),

sets as (

    select
        set_id,
        max(found_by) as found_by,
        max(rest_amount) as rest_amount,
        max(days_apart) as days_apart,
        max(key_distance) as key_distance,
        count(*) as member_count,
        min(case when member_number = 1 then break_id end) as one_id,
        min(case when member_number = 2 then break_id end) as second_id,
        {{ joined_text('break_id', '', 'member_number') }} as member_ids,
        {{ joined_text('break_id', '', 'break_id') }} as sorted_ids
    from found
    group by set_id

),

-- An order that both sides name says more than a combination, and that more than a run.
ranked as (

    select
        *,
        row_number() over (
            partition by sorted_ids
            order by case found_by when 'order' then 1 when 'parts' then 2 else 3 end, set_id
        ) as way_number
    from sets

)

select
    found.break_id,
    found.member_number,
    ranked.set_id,
    ranked.found_by,
    ranked.rest_amount,
    ranked.days_apart,
    ranked.key_distance,
    ranked.member_count,
    ranked.one_id,
    ranked.second_id,
    ranked.member_ids
from ranked
inner join found on ranked.set_id = found.set_id
where ranked.way_number = 1
