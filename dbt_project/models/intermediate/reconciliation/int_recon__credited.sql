{{ config(materialized='ephemeral') }}
-- RC19C: of an order that was cancelled or paid back whole, what was issued against what was taken
-- back by red invoices or voided, some days later (suspense_days).
with

orders as (

    select * from {{ ref('int_invoices__asked') }} where is_ended

)

select
    {{ recon_side('RC19C', 'left', {
        'item_id': 'documents.invoice_event_id', 'match_key': 'documents.order_id',
        'currency_code': 'documents.currency_code', 'amount': 'documents.amount',
        'item_at': 'greatest(documents.event_at, orders.ended_at)',
        'order_id': 'documents.order_id', 'channel': 'orders.channel',
        'shop_id': 'orders.shop_id', 'is_due': 'cast(null as boolean)',
        'lone_type': "'NOT_CREDITED'",
        'known_at': 'greatest(stated.valued_known_at, orders.ended_known_at)'}) }}
from {{ ref('fct_invoices') }} as documents
inner join {{ ref('stg_invoices') }} as stated
    on documents.invoice_event_id = stated.invoice_event_id
inner join orders on documents.order_id = orders.order_id
where documents.invoice_step = 'issued'
union all
select
    {{ recon_side('RC19C', 'right', {
        'item_id': 'documents.invoice_event_id', 'match_key': 'documents.order_id',
        'currency_code': 'documents.currency_code', 'amount': 'documents.amount',
        'item_at': 'documents.event_at', 'order_id': 'documents.order_id',
        'shop_id': 'documents.shop_id', 'known_at': 'stated.valued_known_at'}) }}
from {{ ref('fct_invoices') }} as documents
inner join {{ ref('stg_invoices') }} as stated
    on documents.invoice_event_id = stated.invoice_event_id
inner join orders on documents.order_id = orders.order_id
where documents.invoice_step in ('credited', 'voided')
