{{ config(meta={'touched': 'costs'}) }}
{%- set obstacles = {
    'not_served': 'not coalesce(areas.is_served, false)',
    'too_heavy': 'orders.weight > services.max_weight',
    'breaks': 'orders.is_fragile and not services.takes_fragile',
    'worth_too_much': 'orders.requires_insurance'
        ~ ' and orders.worth_amount > services.insures_up_to_amount * rates.factor',
} %}
with

places as (

    select distinct ship_country, ship_region, ship_city
    from {{ ref('int_orders__to_send') }}
    where ship_country is not null

),

areas as (

    {{ matched_areas('places') }}

),

-- The lane of the region goes before the lane of the carrier, and that before the lane of anybody.
lanes as (

    select
        services.carrier,
        places.ship_region,
        coalesce(of_region.budget_minutes, of_carrier.budget_minutes, of_any.budget_minutes)
            as usual_minutes
    from (select distinct carrier from {{ ref('carrier_services') }}) as services
    cross join (select distinct ship_region from places) as places
    left join {{ ref('delivery_lanes') }} as of_region
        on services.carrier = of_region.carrier and places.ship_region = of_region.ship_region
    left join {{ ref('delivery_lanes') }} as of_carrier
        on services.carrier = of_carrier.carrier and of_carrier.ship_region = '*'
    left join {{ ref('delivery_lanes') }} as of_any
        on of_any.carrier = '*' and of_any.ship_region = '*'

),

offered as (

    select
        orders.order_id,
        services.carrier,
        orders.delivery_mode,
        orders.weight,
        orders.is_fragile,
        orders.currency_code,
        orders.ship_by_at,
        lanes.usual_minutes,
        {{ add_minutes('orders.promised_at', '-lanes.usual_minutes') }} as latest_handover_at,
        case
            {%- for code, test in obstacles.items() %}
            when {{ test }} then '{{ code }}'
            {%- endfor %}
        end as obstacle,
        case when orders.requires_insurance
            then orders.worth_amount * services.insurance_ratio else 0 end as insurance_amount,
        case when orders.weight is not null then (prices.base_amount + prices.step_amount
            * ceil(greatest(orders.weight - prices.base_weight, 0) / prices.step_weight))
            * rates.factor end as freight_amount,
        row_number() over (
            partition by orders.order_id, services.carrier order by prices.ship_region = '*'
        ) as price_rank
    from {{ ref('int_orders__to_send') }} as orders
    inner join {{ ref('carrier_services') }} as services
        on orders.delivery_mode = services.delivery_mode
        and orders.placed_date between services.valid_from and services.valid_to
    left join areas
        on services.carrier = areas.carrier
        and areas.match_rank = 1
        and orders.ship_country = areas.ship_country
        and orders.ship_region is not distinct from areas.ship_region
        and orders.ship_city is not distinct from areas.ship_city
    left join lanes
        on services.carrier = lanes.carrier
        and orders.ship_region is not distinct from lanes.ship_region
    left join {{ ref('carrier_rates') }} as prices
        on services.carrier = prices.carrier
        and prices.charge_kind = 'freight'
        and prices.ship_region in (coalesce(orders.ship_region, '*'), '*')
        and orders.placed_date between prices.valid_from and prices.valid_to
    left join {{ ref('int_orders__rated') }} as rates
        on orders.order_id = rates.order_id
        and services.currency_code = rates.cost_currency_code

),

judged as (

    select
        *,
        latest_handover_at >= ship_by_at as is_in_time,
        cast(freight_amount + insurance_amount as decimal(18, 4)) as shipping_cost_amount
    from offered
    where price_rank = 1

)

select
    order_id, carrier, delivery_mode, obstacle, is_in_time, weight, is_fragile,
    shipping_cost_amount,
    cast(insurance_amount as decimal(18, 4)) as insurance_amount,
    currency_code, usual_minutes, latest_handover_at,
    cast(case when obstacle is null then row_number() over (
        partition by order_id
        order by
            obstacle is not null, not coalesce(is_in_time, true), shipping_cost_amount is null,
            shipping_cost_amount, usual_minutes, carrier
    ) end as bigint) as choice_rank
from judged
