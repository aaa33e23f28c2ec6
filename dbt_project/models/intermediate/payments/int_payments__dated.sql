{{ config(materialized='ephemeral') }}
-- Payments with the moment they happened. Some sources name no moment for a payment: then it is the
-- one at which its order says it was paid, else the one at which the order was placed.
{%- set columns = [
    'record_key', 'source', 'channel', 'shop_id', 'observed_at', 'ingested_at', 'file_id',
    'row_number', 'byte_from', 'byte_to', 'payment_id', 'order_id', 'payment_kind',
    'payment_status', 'amount', 'currency_code', 'payment_method', 'provider',
    'provider_payment_id', 'merchant_payment_id', 'paid_known_at',
    'valued_known_at'] %}

select
    {{ columns | join(', ') }},
    paid_at
from {{ ref('stg_payments') }}
where paid_at is not null
union all
select
    {% for column in columns -%}
    payments.{{ column }},
    {% endfor -%}
    coalesce(orders.paid_at, orders.placed_at) as paid_at
from {{ ref('stg_payments') }} as payments
inner join {{ ref('stg_orders') }} as orders on payments.order_id = orders.order_id
where payments.paid_at is null
