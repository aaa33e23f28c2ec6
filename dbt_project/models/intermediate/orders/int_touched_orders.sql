-- Reads staging after it is up to date: the ways from a waybill, a bill or a case to its order.
-- Every stream leads here, so that whatever arrived selects this model with the rest.
{%- for stream in [
    'orders', 'order_lines', 'payments', 'refunds', 'after_sales', 'shipments', 'shipment_lines',
    'tracking_events', 'fulfilment_events', 'contacts', 'settlement_lines', 'channel_status',
    'decisions', 'return_receipts', 'order_risks', 'incidents', 'carrier_claims', 'invoices',
    'recon_decisions', 'risk_entries', 'products', 'kit_components', 'cod_remittances',
    'delivery_estimates'] %}
-- depends_on: {{ ref('stg_' ~ stream) }}
{%- endfor %}
-- depends_on: {{ ref('channels') }} {{ ref('review_rules') }} {{ ref('thresholds') }}
{% if is_full() %}
select cast(null as {{ type_text() }}) as order_id where false
{% else %}
with

stated as (

    {% for stream in [
        'orders', 'order_lines', 'payments', 'refunds', 'after_sales', 'shipments',
        'shipment_lines', 'fulfilment_events', 'contacts', 'settlement_lines', 'channel_status',
        'decisions', 'return_receipts', 'order_risks', 'incidents', 'recon_decisions', 'invoices',
        'delivery_estimates'] %}
    {{ touched_versions(stream, ['order_id']) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

waybills as (

    select tracking_number from {{ source('records', 'tracking_events') }}
    where {{ new_records() }}
    union
    {% for stream in ['shipments', 'fulfilment_events', 'contacts', 'carrier_claims',
        'cod_remittances', 'delivery_estimates'] -%}
    {{ touched_versions(stream, ['tracking_number']) }} and tracking_number is not null
    {{ 'union' if not loop.last }}
    {% endfor %}

),

-- Our number and the provider's, of payments and bill lines: who shares one shares the bill line.
payment_numbers as (

    {% for stream in ['payments', 'settlement_lines'] -%}
    {{ touched_versions(stream, ['merchant_payment_id', 'provider_payment_id']) }}
    {{ 'union' if not loop.last }}
    {% endfor %}

),

{{ returned_goods() }},

followed as (

    select order_id from {{ ref('stg_shipments') }}
    where tracking_number in (select tracking_number from waybills)
    union all
    select order_id from {{ ref('stg_fulfilment_events') }}
    where tracking_number in (select tracking_number from waybills)
    union all
    select order_id from {{ ref('stg_payments') }}
    where merchant_payment_id in (select merchant_payment_id from payment_numbers)
    union all
    select order_id from {{ ref('stg_payments') }}
    where provider_payment_id in (select provider_payment_id from payment_numbers)
    union all
    select order_id from {{ ref('stg_after_sales') }}
    where case_id in (select case_id from returned)
        or return_tracking_number in (select tracking_number from returned)
    union all
    select order_id from returned
    union all
    select order_id from {{ ref('stg_contacts') }}
    where complaint_id in (
        select complaint_id from ({{ touched_versions('contacts', ['complaint_id']) }}) as spoken
    )
    union all
    select order_id from {{ ref('stg_incidents') }}
    where incident_id in ({{ touched_versions('incidents', ['incident_id']) }})
    union all
    select order_id from {{ ref('stg_order_lines') }}
    where sku in {{ new_keys('kit_components', 'kit_sku') }}
        or sku in ({{ first_listed() }})
    union all
    select order_id from {{ source('records', 'decisions') }}
    where decision_id in {{ new_keys('decisions', 'undoes_decision_id') }}

),

direct as (

    select order_id from stated where order_id is not null
    union
    select order_id from followed where order_id is not null
    union
    select order_id from {{ ref('int_orders__ripened') }}

),

{{ review_neighbours() }},

final as (

    select order_id from direct
    union
    {{ decided_together('order_id', 'direct') }} and partners.order_id is not null
    union
    select order_id from neighbours

)

select * from final
{% endif %}
