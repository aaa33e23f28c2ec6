{{ config(materialized='incremental', meta={'touched': 'orders'}) }}
-- What each supplier is owed, or owes, because of an order: goods it shipped, goods that came back, its
-- part of compensation. Who the house buys from is added later: that is of articles, not of orders.
with

shipped as (

    select * from {{ ref('int_supplies__shipped') }}

),

prices as (

    select
        order_id,
        sku,
        min(supplier_id) as supplier_id,
        max(coalesce(unit_price_amount, told_price_amount)) as unit_price_amount,
        min(currency_code) as currency_code,
        sum(shipped_quantity) as shipped_quantity
    from shipped
    where sku is not null
    group by order_id, sku

),

agreed as (

    select case_id, min(occurred_at) as agreed_at
    from {{ order_log() }}
    where event_type = 'COMPENSATION_AGREED'
    group by case_id

),

cases as (

    select
        cases.*,
        prices.supplier_id as shipper_id,
        prices.unit_price_amount,
        prices.currency_code as price_currency_code,
        least(cases.received_quantity, prices.shipped_quantity) as back_quantity,
        agreed.agreed_at
    from {{ ref('fct_after_sales_cases') }} as cases
    left join prices on cases.order_id = prices.order_id and cases.sku = prices.sku
    left join agreed on cases.case_id = agreed.case_id
    where {{ touched('cases.order_id') }}

),

owed as (

    select
        'shipment|' || record_key as line_id, 'shipment' as line_kind, supplier_id, order_id,
        cast(null as {{ type_text() }}) as case_id, sku, tracking_number, shop_id,
        shipped_quantity as quantity, amount, currency_code, event_at as owed_at
    from shipped
    where amount is not null
    union all
    select
        'return|' || case_id as line_id, 'return' as line_kind, shipper_id as supplier_id, order_id,
        case_id, sku, return_tracking_number as tracking_number, shop_id,
        back_quantity as quantity, -back_quantity * unit_price_amount as amount,
        price_currency_code as currency_code, received_at as owed_at
    from cases
    where back_quantity > 0 and unit_price_amount is not null and received_at is not null
    union all
    select
        'compensation|' || case_id as line_id, 'compensation' as line_kind,
        coalesce(supplier_id, shipper_id) as supplier_id, order_id, case_id, sku,
        cast(null as {{ type_text() }}) as tracking_number, shop_id,
        cast(null as decimal(18, 4)) as quantity, -supplier_amount as amount, currency_code,
        agreed_at as owed_at
    from cases
    where supplier_amount > 0 and agreed_at is not null

)

select
    line_id,
    line_kind,
    supplier_id,
    order_id,
    case_id,
    sku,
    tracking_number,
    shop_id,
    cast(quantity as decimal(18, 4)) as quantity,
    cast(amount as decimal(18, 4)) as amount,
    currency_code,
    owed_at
from owed
