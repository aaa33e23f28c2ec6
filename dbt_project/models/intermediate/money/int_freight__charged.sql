{{ config(materialized='ephemeral') }}
-- What carriers charged for the parcels of an order. Two orders in one parcel: it is charged to the
-- first, as it is when bills are checked. Unknown while a parcel is on no bill; what a supplier sends
-- itself is on its own.
with

own as (

    select order_id, shipment_id, carrier, tracking_number, warehouse_id, supplier_id
    from {{ ref('fct_shipments') }}
    where shipped_at is not null and {{ touched('order_id', 'costs') }}

),

bearers as (

    select carrier, tracking_number, min(order_id) as order_id
    from {{ ref('fct_shipments') }}
    where shipped_at is not null
        and tracking_number in (select tracking_number from own)
    group by carrier, tracking_number

),

charges as (

    select
        charges.carrier,
        charges.tracking_number,
        charges.currency_code,
        bearers.order_id,
        count(*) filter (where charges.charge_kind = 'freight') as freight_count,
        sum(case when charges.charge_kind not in ('packing', 'cod_fee') then charges.amount else 0
            end) as freight_amount,
        sum(case when charges.charge_kind = 'packing' then charges.amount else 0 end)
            as packing_amount,
        sum(case when charges.charge_kind = 'cod_fee' then charges.amount end) as cod_fee_amount
    from {{ ref('stg_carrier_charges') }} as charges
    inner join bearers
        on charges.carrier = bearers.carrier and charges.tracking_number = bearers.tracking_number
    group by charges.carrier, charges.tracking_number, charges.currency_code, bearers.order_id

),

parcels as (

    select
        own.order_id,
        own.shipment_id,
        own.warehouse_id,
        coalesce(bearers.order_id <> own.order_id, false) or own.supplier_id is not null
            as is_elsewhere,
        sum(charges.freight_count) as freight_count,
        sum(charges.freight_amount * rates.factor) as freight_amount,
        sum(charges.packing_amount * rates.factor) as packing_amount,
        sum(charges.cod_fee_amount * rates.factor) as cod_fee_amount
    from own
    left join bearers
        on own.carrier = bearers.carrier and own.tracking_number = bearers.tracking_number
    left join charges
        on own.carrier = charges.carrier and own.tracking_number = charges.tracking_number
        and own.order_id = charges.order_id
    left join {{ ref('int_orders__rated') }} as rates
        on own.order_id = rates.order_id and charges.currency_code = rates.cost_currency_code
    group by own.order_id, own.shipment_id, own.warehouse_id,
        coalesce(bearers.order_id <> own.order_id, false) or own.supplier_id is not null

),

final as (

    select
        order_id,
        min(warehouse_id) as warehouse_id,
        case when count(*) filter (where not is_elsewhere and coalesce(freight_count, 0) = 0) = 0
            then sum(coalesce(freight_amount, 0)) end as freight_amount,
        sum(coalesce(packing_amount, 0)) as packing_amount,
        sum(cod_fee_amount) as cod_fee_amount
    from parcels
    group by order_id

)

select * from final
