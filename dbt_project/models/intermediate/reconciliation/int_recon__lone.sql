{{ config(materialized='ephemeral') }}
-- Differences that are open and have only one side: what may be the same thing under another key.
-- Those that are cases of other queues are not.
select
    breaks.*,
    case when breaks.right_amount = 0 then 'left' else 'right' end as side,
    breaks.left_amount + breaks.right_amount as amount
from {{ ref('fct_recon_breaks') }} as breaks
left join {{ ref('recon_routes') }} as routes
    on breaks.recon_code = routes.recon_code and breaks.break_type = routes.break_type
where breaks.recon_code in ('{{ lived_reconciliations() | join("', '") }}')
    and breaks.state_code = 'OPEN'
    and breaks.break_type in ('LEFT_ONLY', 'RIGHT_ONLY', 'TIMING', 'ORPHAN_REFUND')
    and breaks.left_amount * breaks.right_amount = 0
    and routes.recon_code is null
