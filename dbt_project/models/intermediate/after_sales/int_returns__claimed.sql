{{ config(materialized='ephemeral') }}
-- Receipts of returned goods as the warehouse told them, with the case somebody in the app said they
-- belong to. Taken back, it was never said; said twice, the later word holds.
with

said as (

    select
        entity_id,
        {{ last_by('case_id', ['decided_at', 'decision_id']) }} as case_id,
        max(decided_at) as decided_at,
        {{ last_by('decided_known_at', ['decided_at', 'decision_id']) }} as decided_known_at
    from {{ ref('stg_decisions') }}
    where verb = 'match_case'
        and case_id is not null
        and decision_id not in (
            select undoes_decision_id from {{ ref('stg_decisions') }}
            where undoes_decision_id is not null
        )
    group by entity_id

)

select
    receipts.*,
    said.case_id as said_case_id,
    said.decided_at as said_at,
    said.decided_known_at as said_known_at
from {{ ref('stg_return_receipts') }} as receipts
left join said on receipts.return_receipt_id = said.entity_id
