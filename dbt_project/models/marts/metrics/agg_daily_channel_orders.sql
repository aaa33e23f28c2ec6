{{ config(meta={'touched': [{'grain': 'days', 'key': 'order_date'}]}) }}
with

orders as (

    select *
    from {{ ref('fct_orders') }}
    where {{ touched('placed_date', 'days') }}

),

final as (

    select
        placed_date as order_date,
        channel,
        shop_id,
        coalesce(currency_code, '') as currency_code,
        count(*) as placed_count,
        count(*) filter (where paid_at is not null) as paid_count,
        count(*) filter (where is_valid) as valid_count,
        count(*) filter (where order_status in ('CANCELLED', 'EXPIRED')) as cancelled_count,
        count(*) filter (where fulfilment_status = 'SHIPPED') as shipped_count,
        count(*) filter (where logistics_status = 'DELIVERED') as delivered_count,
        count(*) filter (where refunded_amount > 0) as refunded_count,
        cast(sum(coalesce(goods_amount, 0) + coalesce(shipping_amount, 0)) as decimal(18, 4))
            as placed_amount,
        {% for name, value in {
            'gross_amount': 'coalesce(goods_amount, 0)',
            'discount_amount': 'discount_amount',
            'returns_amount': returned_amount(),
            'net_amount': 'coalesce(goods_amount, 0) - discount_amount - ' ~ returned_amount(),
            'shipping_amount': 'shipping_amount',
            'tax_amount': 'tax_amount',
            'item_quantity': 'ordered_quantity'}.items() -%}
        cast(sum(case when is_valid then {{ value }} else 0 end) as decimal(18, 4))
            as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from orders
    group by placed_date, channel, shop_id, coalesce(currency_code, '')

)

select * from final
