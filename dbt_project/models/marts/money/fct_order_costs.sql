{{ config(meta={'touched': 'costs'}) }}
{%- set parts = ['goods_cost', 'pick_pack', 'freight', 'payment_fee', 'commission', 'compensation'] %}
with

orders as (

    select
        order_id,
        channel,
        shop_id,
        placed_date,
        coalesce(currency_code, '') as currency_code,
        coalesce(payment_method, '') as payment_method,
        coalesce(captured_amount, 0) as captured_amount,
        shipped_quantity >= ordered_quantity - cancelled_quantity as is_shipped,
        coalesce(goods_amount, 0) - discount_amount as sold_amount,
        coalesce(goods_amount, 0) - discount_amount - {{ returned_amount() }} as net_sales_amount
    from {{ ref('fct_orders') }}
    where is_valid and {{ touched('order_id', 'costs') }}

),

billed as (

    select
        order_id,
        coalesce(currency_code, '') as currency_code,
        count(*) filter (where line_kind = 'payment') as payment_count,
        sum(case when line_kind in ('payment', 'refund')
            then coalesce(fee_amount, gross_amount - net_amount, 0) else 0 end) as fee_amount,
        sum(case when line_kind = 'fee' then -gross_amount end) as commission_amount
    from {{ ref('fct_settlement_lines') }}
    where order_id is not null and {{ touched('order_id', 'costs') }}
    group by order_id, coalesce(currency_code, '')

),

agreed as (

    select
        order_id,
        coalesce(currency_code, '') as currency_code,
        sum(coalesce(compensation_amount, 0)) as compensation_amount
    from {{ ref('fct_after_sales_cases') }}
    where order_id is not null and {{ touched('order_id', 'costs') }}
    group by order_id, coalesce(currency_code, '')

),

rated as (

    select
        orders.*,
        goods.amount as goods_cost_amount,
        case when orders.is_shipped then freight.packing_amount
            + (packs.order_amount + packs.piece_amount * coalesce(goods.kept_quantity, 0))
            * pack_rates.factor end as pick_pack_amount,
        case when orders.is_shipped then freight.freight_amount end as freight_amount,
        case
            when orders.payment_method = 'cod' then freight.cod_fee_amount
            when orders.captured_amount = 0 or billed.payment_count > 0
                then coalesce(billed.fee_amount, 0)
        end as payment_fee_amount,
        coalesce(billed.commission_amount,
            (shares.order_amount + orders.sold_amount * shares.sales_ratio) * share_rates.factor)
            as commission_amount,
        coalesce(agreed.compensation_amount, 0) as compensation_amount
    from orders
    left join {{ ref('int_goods__costed') }} as goods on orders.order_id = goods.order_id
    left join {{ ref('int_freight__charged') }} as freight on orders.order_id = freight.order_id
    left join billed
        on orders.order_id = billed.order_id and orders.currency_code = billed.currency_code
    left join agreed
        on orders.order_id = agreed.order_id and orders.currency_code = agreed.currency_code
    left join {{ ref('order_cost_rates') }} as packs
        on packs.part_code = 'pick_pack' and freight.warehouse_id = packs.scope_code
        and orders.placed_date between packs.valid_from and packs.valid_to
    left join {{ ref('int_orders__rated') }} as pack_rates
        on orders.order_id = pack_rates.order_id
        and packs.currency_code = pack_rates.cost_currency_code
    left join {{ ref('order_cost_rates') }} as shares
        on shares.part_code = 'commission' and orders.channel = shares.scope_code
        and orders.placed_date between shares.valid_from and shares.valid_to
    left join {{ ref('int_orders__rated') }} as share_rates
        on orders.order_id = share_rates.order_id
        and shares.currency_code = share_rates.cost_currency_code

),

told as (

    select
        order_id, channel, shop_id, placed_date, currency_code,
        cast(net_sales_amount as decimal(18, 4)) as net_sales_amount,
        {%- for part in parts %}
        cast({{ part }}_amount as decimal(18, 4)) as {{ part }}_amount{{ ',' if not loop.last }}
        {%- endfor %}
    from rated

)

select
    *,
    cast(net_sales_amount
        {%- for part in parts %} - {{ part }}_amount{% endfor %}
        as decimal(18, 4)) as contribution_amount,
    cast({% for part in parts -%}
        case when {{ part }}_amount is null then 1 else 0 end{{ ' + ' if not loop.last }}
    {%- endfor %} as bigint) as unknown_count
from told
