{{ config(meta={'new_keys': {'invoice_event_id': 'invoices'}}) }}
select
    invoice_event_id,
    order_id,
    shop_id,
    invoice_step,
    invoice_type,
    title_type,
    invoice_code,
    invoice_number,
    original_invoice_number,
    event_at,
    amount,
    tax_amount,
    cast(case invoice_step
        when 'issued' then amount when 'requested' then 0 else -amount
    end as decimal(18, 4)) as net_amount,
    currency_code,
    event_known_at as ingested_at,
    file_id as _file_id,
    row_number as _row_number
from {{ ref('stg_invoices') }}
{%- if not is_full() %}
where invoice_event_id in {{ new_keys('invoices', 'invoice_event_id') }}
{%- endif %}
