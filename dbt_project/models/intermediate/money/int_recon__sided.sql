{{ config(
    materialized='incremental', incremental_strategy='replace_touched', on_schema_change='fail',
    meta={'touched': [
        {'grain': 'orders', 'key': 'match_key', 'where': "recon_code = 'RC1'"},
        {'grain': 'payments', 'key': 'match_key', 'where': "recon_code = 'RC2'"}]}) }}
-- Every item of either side, kept between builds so that totals are counted from the items
-- themselves and not from matches and breaks.
select
    recon_code,
    side,
    item_id,
    match_key,
    recon_date,
    currency_code,
    amount,
    is_matched
from {{ ref('int_recon__paired') }}
