{{ config(
    materialized='incremental',
    meta={'touched': touched_reconciliations()}) }}
-- What the items of each key come to, kept between builds: totals are counted from the items and
-- not from matches and breaks, so that the two can be held against each other.
select
    recon_code,
    match_key,
    order_id,
    recon_date,
    unit_code,
    currency_code,
    left_count,
    left_amount,
    right_count,
    right_amount,
    is_matched
from {{ ref('int_recon__keyed') }}
