{{ config(materialized='ephemeral') }}
-- What one unit of a currency costs are stated in is in the currency of the order, on its day.
with

orders as (

    select
        order_id,
        coalesce(currency_code, '') as currency_code,
        placed_date
    from {{ ref('fct_orders') }}
    where is_valid and {{ touched('order_id', 'costs') }}

),

final as (

    select order_id, currency_code as cost_currency_code, cast(1 as double) as factor from orders
    union all
    select
        orders.order_id,
        rates.reporting_currency_code as cost_currency_code,
        1 / cast(rates.rate as double) as factor
    from orders
    inner join {{ ref('currency_rates') }} as rates
        on orders.currency_code = rates.currency_code
        and rates.reporting_currency_code <> orders.currency_code
        and orders.placed_date between rates.valid_from and rates.valid_to
    union all
    select
        orders.order_id,
        rates.currency_code as cost_currency_code,
        cast(rates.rate as double) as factor
    from orders
    inner join {{ ref('currency_rates') }} as rates
        on orders.currency_code = rates.reporting_currency_code
        and rates.currency_code <> orders.currency_code
        and orders.placed_date between rates.valid_from and rates.valid_to

)

select * from final
