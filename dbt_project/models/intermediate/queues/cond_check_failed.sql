{{ config(materialized='ephemeral') }}
-- What was expected of the data did not hold, until it is looked at again and does. Nothing is served
-- while a check that stops builds fails: whoever reads this build knows that it has passed.
with

verdicts as (

    select
        *,
        lead(checked_at) over (partition by check_id order by check_seq) as next_at
    from {{ source('ops', 'checks') }}
    where {{ visible_records() }}

),

this_build as (

    select max(builds.started_at) as started_at
    from {{ source('ops', 'builds') }} as builds
    inner join {{ source('ops', 'build_window') }} as this_one
        on builds.build_id = this_one.build_id

),

episodes as (

    select
        verdicts.*,
        row_number() over (
            partition by verdicts.check_id order by verdicts.check_seq
        ) as episode_number,
        case
            when verdicts.next_at < verdicts.checked_at then verdicts.checked_at
            when verdicts.next_at is not null or verdicts.verdict = 'warned'
                then verdicts.next_at
            when this_build.started_at < verdicts.checked_at then verdicts.checked_at
            else this_build.started_at
        end as ended_at
    from verdicts
    cross join this_build
    where verdicts.verdict <> 'passed'

)

select
    {{ condition('Q36', {
        'entity_type': "('check')", 'entity_id': 'check_id', 'episode_number': 'episode_number',
        'opened_at': 'checked_at', 'closed_at': 'ended_at',
        'severity': "case when verdict = 'warned' then 3 else 1 end",
        'facts': facts([
            ["'check_verdict'", 'verdict', 'null', 'null'],
            ["'check_detail'", 'detail', 'null', 'null']])}) }}
from episodes
