{{ config(materialized='ephemeral') }}
-- RC16: what a parcel costs by the contract against what the carrier charged for its waybill.
with

charges as (

    select *, coalesce(tracking_number, charge_id) as match_key
    from {{ ref('stg_carrier_charges') }}
    where {{ touched('coalesce(tracking_number, charge_id)', 'waybills') }}

),

parcels as (

    select tracking_number, carrier, min(order_id) as order_id
    from {{ ref('fct_shipments') }}
    where tracking_number in (select tracking_number from charges)
    group by tracking_number, carrier

)

select
    {{ recon_side('RC16', 'left', {
        'item_id': "tracking_number || ':' || charge_kind", 'match_key': 'tracking_number',
        'currency_code': 'currency_code', 'amount': 'amount', 'item_at': 'shipped_at',
        'order_id': 'order_id', 'channel': 'channel', 'shop_id': 'shop_id', 'party': 'carrier',
        'is_due': 'false'}) }}
from {{ ref('int_parcels__rated') }}
union all
select
    {{ recon_side('RC16', 'right', {
        'item_id': 'charge_id', 'match_key': 'match_key', 'currency_code': 'charges.currency_code',
        'amount': 'charges.amount', 'item_at': 'charges.charged_at', 'order_id': 'parcels.order_id',
        'shop_id': 'charges.shop_id', 'party': 'charges.carrier'}) }}
from charges
left join parcels
    on charges.tracking_number = parcels.tracking_number and charges.carrier = parcels.carrier
