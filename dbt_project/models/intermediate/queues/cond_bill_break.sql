{{ config(materialized='ephemeral') }}
-- A payment and the provider's bill do not agree.
select
    {{ condition('Q33', {
        'entity_id': 'break_id', 'order_id': 'order_id', 'channel': 'channel',
        'shop_id': 'shop_id', 'opened_at': 'opened_at', 'at_risk_amount': 'abs(difference_amount)',
        'currency_code': 'currency_code',
        'facts': facts([
            ["'break_type'", 'break_type', "'='", "'MATCHED'"],
            ["'paid_amount'", 'left_amount', "'='", 'right_amount'],
            ["'billed_amount'", 'right_amount', "'='", 'left_amount'],
            ["'merchant_payment_id'", 'match_key', 'null', 'null']])}) }}
from {{ ref('fct_recon_breaks') }}
where recon_code = 'RC2' and break_type <> 'ROUNDING'
