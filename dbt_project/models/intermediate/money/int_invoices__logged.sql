{{ config(materialized='ephemeral') }}
-- Invoices in the shape of the order log: what a buyer was given is part of the order's history.
select
    {{ logged('types.event_type', 'invoices.event_at', 'invoices.event_known_at', "'invoice'",
        'invoices.invoice_event_id', {
            'amount': 'invoices.amount', 'currency_code': 'invoices.currency_code',
            'detail_code': 'invoices.invoice_type'}, relation='invoices') }}
from {{ ref('stg_invoices') }} as invoices
inner join {{ ref('event_codes') }} as types
    on types.record_stream = 'invoices' and invoices.invoice_step = types.record_code
where invoices.order_id is not null and {{ touched('invoices.order_id') }}
