{{ config(materialized='ephemeral') }}
-- RC19: what is left of an order after its refunds against what is invoiced. An invoice has to come
-- some days after it is asked for (suspense_days); a refund counts once its red invoice has had its
-- days.
with

orders as (

    select * from {{ ref('int_invoices__asked') }} where is_wanted and not is_ended

),

refunds as (

    select
        refunds.*,
        {{ add_minutes('coalesce(told.known_at, refunds.succeeded_at)',
            '1440 * ' ~ threshold('credit_note_days')) }} as credited_by_at
    from {{ ref('fct_refunds') }} as refunds
    left join {{ ref('int_refunds__told') }} as told on refunds.refund_id = told.refund_id
    where refunds.refund_status = 'succeeded' and {{ touched('refunds.order_id') }}

)

select
    {{ recon_side('RC19', 'left', {
        'item_id': "order_id || ':order'", 'match_key': 'order_id',
        'currency_code': 'currency_code', 'amount': 'payable_amount', 'item_at': 'asked_at',
        'order_id': 'order_id', 'channel': 'channel', 'shop_id': 'shop_id',
        'is_due': 'cast(null as boolean)', 'lone_type': "'NOT_INVOICED'",
        'known_at': 'known_at'}) }}
from orders
where is_known
union all
select
    {{ recon_side('RC19', 'left', {
        'item_id': 'refunds.refund_id', 'match_key': 'orders.order_id',
        'currency_code': 'orders.currency_code', 'amount': '-refunds.amount',
        'item_at': 'greatest(orders.asked_at, refunds.succeeded_at)',
        'order_id': 'orders.order_id', 'channel': 'orders.channel', 'shop_id': 'orders.shop_id',
        'is_due': 'cast(null as boolean)', 'lone_type': "'NOT_INVOICED'",
        'known_at': 'greatest(orders.known_at, refunds.credited_by_at)'}) }}
from orders
inner join refunds on orders.order_id = refunds.order_id
where orders.is_known
union all
select
    {{ recon_side('RC19', 'right', {
        'item_id': 'documents.invoice_event_id', 'match_key': 'documents.order_id',
        'currency_code': 'documents.currency_code', 'amount': 'documents.net_amount',
        'item_at': 'documents.event_at', 'order_id': 'documents.order_id',
        'shop_id': 'documents.shop_id', 'known_at': 'stated.valued_known_at',
        'lone_type': "case when not orders.is_known then 'KEY_UNMAPPED' end"}) }}
from {{ ref('fct_invoices') }} as documents
inner join {{ ref('stg_invoices') }} as stated
    on documents.invoice_event_id = stated.invoice_event_id
inner join orders on documents.order_id = orders.order_id
where documents.invoice_step <> 'requested'
