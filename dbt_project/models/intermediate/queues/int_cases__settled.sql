{{ config(materialized='ephemeral') }}
-- When somebody settled a case, whatever its cause does: the last time, unless that was taken back or
-- the case was taken up again.
with

steps as (

    select
        decisions.item_id,
        max(case when effects.effect_code = 'settle' then decisions.decided_at end) as settled_at,
        max(case when effects.effect_code = 'reopen' then decisions.decided_at end) as reopened_at
    from {{ ref('stg_decisions') }} as decisions
    inner join {{ ref('decision_effects') }} as effects
        on decisions.verb = effects.verb and effects.effect_code in ('settle', 'reopen')
    where decisions.item_id is not null and decisions.decision_id not in (
        select undoes_decision_id from {{ ref('stg_decisions') }}
        where undoes_decision_id is not null
    )
    group by decisions.item_id

)

select item_id, settled_at
from steps
where settled_at is not null and (reopened_at is null or settled_at > reopened_at)
