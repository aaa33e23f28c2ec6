{{ config(materialized='ephemeral') }}
-- A decision that was taken back never counted: the fold sees neither it nor the taking back.
select
    decisions.*,
    exists (
        select 1 from {{ ref('stg_decisions') }} as undo
        where undo.undoes_decision_id = decisions.decision_id
    ) as is_undone
from {{ ref('stg_decisions') }} as decisions
where decisions.order_id is not null and {{ touched('decisions.order_id') }}
