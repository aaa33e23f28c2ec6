{{ config(materialized='ephemeral') }}
-- What parcels cost by the contracts: one row per parcel and kind of charge. A weight the carrier
-- charged for is believed when it is close to ours, or when we have none.
with

charged_weights as (

    select carrier, tracking_number, max(weight) as weight
    from {{ ref('stg_carrier_charges') }}
    where charge_kind = 'freight' and {{ touched('tracking_number', 'waybills') }}
    group by carrier, tracking_number

),

own_weights as (

    select tracking_number, max(weight) as weight
    from {{ ref('stg_fulfilment_events') }}
    where weight is not null and {{ touched('tracking_number', 'waybills') }}
    group by tracking_number

),

-- A carrier that never sent a bill is not asked for one.
first_days as (

    select carrier, {{ reporting_date('min(charged_at)') }} as first_date
    from {{ ref('stg_carrier_charges') }}
    group by carrier

),

-- Two orders on one waybill are one parcel to the carrier.
parcels as (

    select
        tracking_number,
        carrier,
        min(order_id) as order_id,
        min(shipped_at) as shipped_at,
        max(case when logistics_status in ('RETURNING', 'RETURNED') then 1 else 0 end) = 1
            as is_returned
    from {{ ref('fct_shipments') }}
    where tracking_number is not null
        and shipped_at is not null
        -- A supplier pays the carrier for what it sends itself.
        and supplier_id is null
        and {{ touched('tracking_number', 'waybills') }}
    group by tracking_number, carrier

),

weighed as (

    select
        parcels.*,
        orders.channel,
        orders.shop_id,
        coalesce(orders.ship_region, '') as ship_region,
        {{ reporting_date('parcels.shipped_at') }} as shipped_date,
        case
            when abs(charged.weight - own.weight) > own.weight * {{ threshold('billed_weight_ratio') }}
                then own.weight
            else coalesce(charged.weight, own.weight, 0)
        end as weight
    from parcels
    inner join {{ ref('fct_orders') }} as orders on parcels.order_id = orders.order_id
    inner join first_days
        on parcels.carrier = first_days.carrier
        and {{ reporting_date('parcels.shipped_at') }} >= first_days.first_date
    left join own_weights as own on parcels.tracking_number = own.tracking_number
    left join charged_weights as charged
        on parcels.tracking_number = charged.tracking_number and parcels.carrier = charged.carrier

),

-- The rate of the region goes before the rate of everywhere.
priced as (

    select
        weighed.*,
        rates.charge_kind,
        rates.currency_code,
        cast(rates.base_amount + rates.step_amount
            * ceil(greatest(weighed.weight - rates.base_weight, 0) / rates.step_weight)
            as decimal(18, 4)) as amount,
        row_number() over (
            partition by weighed.tracking_number, weighed.carrier, rates.charge_kind
            order by rates.ship_region = '*'
        ) as rate_rank
    from weighed
    inner join {{ ref('carrier_rates') }} as rates
        on weighed.carrier = rates.carrier
        and rates.ship_region in (weighed.ship_region, '*')
        and weighed.shipped_date between rates.valid_from and rates.valid_to
        and (rates.charge_kind = 'freight' or (rates.charge_kind = 'return' and weighed.is_returned))

)

select * from priced where rate_rank = 1
