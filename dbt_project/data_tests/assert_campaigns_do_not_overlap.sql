-- A clock that starts in two campaigns would have two budgets.
select a.campaign_code, b.campaign_code as other_code
from {{ ref('campaigns') }} as a
inner join {{ ref('campaigns') }} as b
    on a.campaign_code < b.campaign_code and a.starts_at < b.ends_at and b.starts_at < a.ends_at
