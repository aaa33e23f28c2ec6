{{ config(meta={'touched': 'orders'}) }}
-- Where the money of an order is: what was sold, less what did not come, went back, was kept or
-- was paid out, is nothing. Each part is taken from its own facts, never as the rest of the others.
with

orders as (

    select
        order_id,
        channel,
        shop_id,
        placed_date,
        coalesce(currency_code, '') as currency_code,
        coalesce(goods_amount, 0) as goods_amount,
        discount_amount,
        shipping_amount,
        tax_amount,
        coalesce(payable_amount, 0) as payable_amount,
        coalesce(captured_amount, 0) as captured_amount,
        coalesce(refunded_amount, 0) as refunded_amount
    from {{ ref('fct_orders') }}
    where {{ touched('order_id') }}

),

bill_lines as (

    select
        order_id,
        coalesce(currency_code, '') as currency_code,
        payout_id,
        gross_amount,
        coalesce(fee_amount, gross_amount - net_amount, 0) as fee_amount
    from {{ ref('fct_settlement_lines') }}
    where order_id is not null and line_kind <> 'payout' and {{ touched('order_id') }}

),

billed as (

    select
        order_id,
        currency_code,
        sum(gross_amount) as gross_amount,
        sum(fee_amount) as fee_amount,
        sum(case when payout_id is null then gross_amount - fee_amount else 0 end) as held_amount,
        sum(case when payout_id is not null then gross_amount - fee_amount else 0 end)
            as settled_amount
    from bill_lines
    group by order_id, currency_code

),

agreed as (

    select
        order_id,
        sum(coalesce(compensation_amount, 0)) as compensation_amount,
        sum(coalesce(supplier_amount, 0)) as supplier_amount,
        sum(coalesce(ecom_amount, 0)) as ecom_amount,
        sum(coalesce(platform_amount, 0)) as platform_amount
    from {{ ref('fct_after_sales_cases') }}
    where order_id is not null and {{ touched('order_id') }}
    group by order_id

),

stated as (

    select
        orders.order_id,
        orders.channel,
        orders.shop_id,
        orders.placed_date,
        orders.currency_code,
        components.component_number,
        components.component_code,
        components.ledger_code,
        case components.component_code
            when 'goods' then orders.goods_amount
            when 'discount' then -orders.discount_amount
            when 'shipping' then orders.shipping_amount
            when 'tax' then orders.tax_amount
            when 'adjustment' then orders.payable_amount - orders.goods_amount
                + orders.discount_amount - orders.shipping_amount - orders.tax_amount
            when 'unpaid' then orders.captured_amount - orders.payable_amount
            when 'refunded' then -orders.refunded_amount
            when 'not_billed' then coalesce(billed.gross_amount, 0)
                - orders.captured_amount + orders.refunded_amount
            when 'fee' then -billed.fee_amount
            when 'held' then -billed.held_amount
            when 'settled' then -billed.settled_amount
            when 'compensation' then -agreed.compensation_amount
            when 'supplier_share' then agreed.supplier_amount
            when 'ecom_share' then agreed.ecom_amount
            when 'platform_share' then agreed.platform_amount
        end as amount
    from orders
    cross join {{ ref('money_components') }} as components
    left join billed
        on orders.order_id = billed.order_id and orders.currency_code = billed.currency_code
    left join agreed on orders.order_id = agreed.order_id

)

select
    order_id,
    component_number,
    component_code,
    ledger_code,
    channel,
    shop_id,
    placed_date,
    currency_code,
    cast(amount as decimal(18, 4)) as amount
from stated
where amount <> 0
