{{ config(materialized='ephemeral') }}
-- Two accounts of the same thing do not agree: a bill, a fee, a payout, a receipt. What another
-- queue has a case for opens none here: kinds of breaks by recon_routes, and refunds beyond what was
-- captured, which are anomalies of their order.
select
    {{ condition('Q33', {
        'entity_id': 'breaks.break_id', 'order_id': 'breaks.order_id', 'channel': 'breaks.channel',
        'shop_id': 'breaks.shop_id', 'opened_at': 'breaks.opened_at',
        'at_risk_amount': 'abs(breaks.difference_amount)',
        'currency_code': 'breaks.currency_code',
        'facts': facts([
            ["'recon_code'", 'breaks.recon_code', 'null', 'null'],
            ["'break_type'", 'breaks.break_type', "'='", "'MATCHED'"],
            ["'left_amount'", 'breaks.left_amount', "'='", 'breaks.right_amount'],
            ["'right_amount'", 'breaks.right_amount', "'='", 'breaks.left_amount'],
            ["'match_key'", 'breaks.match_key', 'null', 'null']])}) }}
from {{ ref('fct_recon_breaks') }} as breaks
inner join {{ ref('recon_definitions') }} as definitions
    on breaks.recon_code = definitions.recon_code and definitions.queue_code = 'Q33'
left join {{ ref('recon_routes') }} as routes
    on breaks.recon_code = routes.recon_code and breaks.break_type = routes.break_type
left join {{ ref('fct_orders') }} as orders
    on breaks.recon_code = 'RC8' and breaks.order_id = orders.order_id
where breaks.break_type <> 'ROUNDING'
    and routes.queue_code is null
    and not coalesce(orders.refunded_amount > orders.captured_amount, false)
