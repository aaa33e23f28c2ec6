-- Left less right is the sum of the breaks, to the last digit, for every day and unit.
select recon_code, recon_date, unit_code
from {{ ref('agg_recon_totals') }}
where left_amount - right_amount <> break_amount
