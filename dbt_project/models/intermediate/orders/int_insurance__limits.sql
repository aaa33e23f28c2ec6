{{ config(materialized='ephemeral') }}
-- From what amount on goods are dear, by currency and time: the same rows that send an order to a
-- person send its parcels insured.
select
    currency_code,
    valid_from,
    valid_to,
    min(threshold_value) as threshold_amount
from {{ ref('review_rules') }}
where rule_code = 'RV11' and fact_name = 'payable_amount'
group by currency_code, valid_from, valid_to
