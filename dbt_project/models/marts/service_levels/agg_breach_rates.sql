{{ config(meta={'touched': 'all'}) }}
select
    sla_code,
    segment,
    weekday,
    day_quarter,
    tenth,
    cast(at_risk_count as bigint) as at_risk_count,
    cast(breach_count as bigint) as breach_count,
    cast(breach_probability as decimal(9, 6)) as breach_probability
from ({{ breach_rates(ref('int_clocks__outcomes'), 'true') }})
