{{ config(materialized='ephemeral') }}
-- What people said a code of a carrier or channel stands for, until they take it back; the last word
-- holds. Of a code the policies explain theirs does.
with

said as (

    select
        code_stream as stream,
        code_party as party,
        code_raw as code,
        code_meaning as meaning,
        row_number() over (
            partition by code_stream, code_party, code_raw order by decided_at desc, decision_id desc
        ) as recency_number
    from {{ ref('stg_decisions') }}
    where verb = 'map_code' and decision_id not in (
        select undoes_decision_id from {{ ref('stg_decisions') }}
        where undoes_decision_id is not null
    )

)

select stream, party, code, meaning
from said
where recency_number = 1
