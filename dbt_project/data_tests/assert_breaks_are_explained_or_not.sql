-- What is explained and what is not add up to the differences, for every day and unit, and a break
-- that finance decides about is where its life has come to.
select recon_code, cast(recon_date as {{ type_text() }}) as subject
from {{ ref('agg_recon_totals') }}
where break_amount <> explained_amount + unexplained_amount
union all
select breaks.recon_code, breaks.break_id
from {{ ref('fct_recon_breaks') }} as breaks
left join {{ ref('fct_recon_turns') }} as turns
    on breaks.break_id = turns.break_id and turns.until_at is null
where breaks.recon_code in ('{{ lived_reconciliations() | join("', '") }}')
    and breaks.break_type <> 'ROUNDING'
    and (
        turns.break_id is null
        or turns.state_code = 'CLOSED'
        or turns.left_amount <> breaks.left_amount
        or turns.right_amount <> breaks.right_amount
        or turns.break_type <> breaks.break_type
    )
union all
select turns.recon_code, turns.break_id
from {{ ref('fct_recon_turns') }} as turns
left join {{ ref('fct_recon_breaks') }} as breaks
    on turns.break_id = breaks.break_id and breaks.break_type <> 'ROUNDING'
where turns.until_at is null and turns.state_code <> 'CLOSED' and breaks.break_id is null
