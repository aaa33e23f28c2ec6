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

),

-- From when on a parcel was known to have left.
known as (

    select tracking_number, min(known_at) as known_at
    from (
        select tracking_number, shipped_known_at as known_at from {{ ref('stg_shipments') }}
        union all
        select tracking_number, event_known_at as known_at from {{ ref('stg_fulfilment_events') }}
    ) as told
    where {{ touched('tracking_number', 'waybills') }}
    group by tracking_number

)

select
    {{ recon_side('RC16', 'left', {
        'item_id': "rated.tracking_number || ':' || rated.charge_kind",
        'match_key': 'rated.tracking_number', 'currency_code': 'rated.currency_code',
        'amount': 'rated.amount', 'item_at': 'rated.shipped_at', 'order_id': 'rated.order_id',
        'channel': 'rated.channel', 'shop_id': 'rated.shop_id', 'party': 'rated.carrier',
        'is_due': 'cast(null as boolean)', 'known_at': 'known.known_at'}) }}
from {{ ref('int_parcels__rated') }} as rated
left join known on rated.tracking_number = known.tracking_number
union all
select
    {{ recon_side('RC16', 'right', {
        'item_id': 'charge_id', 'match_key': 'match_key', 'currency_code': 'charges.currency_code',
        'amount': 'charges.amount', 'item_at': 'charges.charged_at', 'order_id': 'parcels.order_id',
        'shop_id': 'charges.shop_id', 'party': 'charges.carrier',
        'known_at': 'charges.valued_known_at'}) }}
from charges
left join parcels
    on charges.tracking_number = parcels.tracking_number and charges.carrier = parcels.carrier
