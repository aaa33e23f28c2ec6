{{ config(materialized='ephemeral') }}
-- RC1: what is owed for an order against what was captured for it.
select
    {{ recon_side('RC1', 'left', {
        'item_id': 'orders.order_id', 'match_key': 'orders.order_id',
        'currency_code': 'orders.order_currency_code', 'amount': 'coalesce(orders.owed_amount, 0)',
        'item_at': 'orders.placed_at', 'order_id': 'orders.order_id', 'channel': 'orders.channel',
        'shop_id': 'orders.shop_id', 'party': 'orders.channel'}) }}
from {{ ref('int_orders__priced') }} as orders
where orders.reports_payments
    and (orders.first_captured_at is not null or orders.paid_at is not null)
union all
select
    {{ recon_side('RC1', 'right', {
        'item_id': 'payments.payment_id', 'match_key': 'payments.order_id',
        'currency_code': 'coalesce(payments.currency_code, orders.order_currency_code)',
        'amount': 'payments.amount', 'item_at': 'payments.paid_at',
        'order_id': 'payments.order_id', 'channel': 'orders.channel',
        'shop_id': 'orders.shop_id', 'party': 'orders.channel'}) }}
from {{ ref('int_payments__dated') }} as payments
inner join {{ ref('int_orders__priced') }} as orders on payments.order_id = orders.order_id
where orders.reports_payments
    and payments.payment_status = 'succeeded'
    and payments.payment_kind in ('capture', 'cod_collected')
    and {{ touched('payments.order_id') }}
