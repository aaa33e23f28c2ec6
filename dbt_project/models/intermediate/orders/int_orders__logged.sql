{{ config(materialized='ephemeral') }}
-- Events that an order's own record states.
with

orders as (

    select
        priced.*,
        ended.ended_at,
        ended.ended_known_at,
        ended.way,
        case
            when cancelled_at is null then false
            -- The deposit was paid, the rest did not come by its day.
            when presold.deposit_paid_at is not null
                then presold.whole_paid_at is null and cancelled_at >= presold.rest_due_at
            -- Some channels say that an order ran out of time, and not when.
            else first_captured_at is null and not is_cod and reports_payments and (
                coalesce(cancel_cause = 'expired', false)
                or cancelled_at >= {{ add_minutes('placed_at', threshold('expiry_minutes')) }})
        end as is_expired
    from {{ ref('int_orders__priced') }} as priced
    left join {{ ref('int_orders__ended') }} as ended on priced.order_id = ended.order_id
    left join {{ ref('int_orders__presold') }} as presold on priced.order_id = presold.order_id

)

select
    {{ logged(
        "case when order_kind = 'manual' then 'ORDER_IMPORTED_MANUAL' else 'ORDER_PLACED' end",
        'placed_at', 'placed_known_at', "'order'", 'order_id', {
            'amount': 'owed_amount', 'currency_code': 'order_currency_code',
            'quantity': 'ordered_quantity', 'actor_type': "'customer'", 'actor_id': 'buyer_id',
            'detail_code': "case when not reports_payments then 'unreported'
                else coalesce(payment_method, 'online') end"}) }}
from orders
union all
select
    {{ logged("'COD_DUE'", 'placed_at', 'placed_known_at', "'order'", 'order_id', {
        'amount': 'owed_amount', 'currency_code': 'order_currency_code'}) }}
from orders
where is_cod
union all
select
    {{ logged(
        "case when coalesce(is_expired, false) then 'ORDER_EXPIRED_UNPAID' else 'ORDER_CANCELLED' end",
        'cancelled_at', 'cancelled_known_at', "'order'", 'order_id', {
            'actor_type': 'cancelled_by', 'detail_code': 'cancel_cause'}) }}
from orders
where cancelled_at is not null
union all
select
    {{ logged("'ORDER_COMPLETED'", 'coalesce(ended_at, placed_at)',
        'coalesce(ended_known_at, placed_known_at)', "'order'", 'order_id', {
            'detail_code': "nullif(way, 'stated')"}) }}
from orders
where ended_at is not null or is_final_on_arrival
