{{ config(materialized='ephemeral') }}
-- The money came after the reservation had been let go, and there is not enough for it.
with

late as (

    select reservations.*,
        greatest(reservations.paid_at, alerts.raised_at) as opened_at,
        least(alerts.cleared_at, reservations.ended_at,
            case when reservations.stated_at > reservations.paid_at then reservations.stated_at end)
            as closed_at
    from {{ ref('fct_stock_reservations') }} as reservations
    inner join {{ ref('fct_stock_alerts') }} as alerts
        on alerts.alert_type = 'short'
        and reservations.sku = alerts.sku and reservations.warehouse_id = alerts.warehouse_id
        and (alerts.cleared_at is null or alerts.cleared_at > reservations.paid_at)
        and (reservations.ended_at is null or alerts.raised_at < reservations.ended_at)
    where reservations.released_at < reservations.paid_at
        and reservations.hardened_at is not null

),

orders as (

    select
        order_id,
        min(opened_at) as opened_at,
        case when count(*) = count(closed_at) then max(closed_at) end as closed_at,
        max(released_at) as released_at,
        max(paid_at) as paid_at,
        count(*) as line_count
    from late
    where closed_at is null or closed_at > opened_at
    group by order_id

)

select
    {{ condition('Q05', {
        'entity_id': 'orders.order_id', 'order_id': 'orders.order_id', 'channel': 'facts.channel',
        'shop_id': 'facts.shop_id', 'opened_at': 'orders.opened_at',
        'closed_at': 'orders.closed_at', 'at_risk_amount': 'facts.payable_amount',
        'currency_code': 'facts.currency_code',
        'facts': facts([
            ["'paid_at'", 'orders.paid_at', "'<='", 'orders.released_at'],
            ["'unserved_lines'", 'orders.line_count', "'='", '0']])}) }}
from orders
inner join {{ ref('fct_orders') }} as facts on orders.order_id = facts.order_id
