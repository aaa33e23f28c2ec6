with

lines as (

    select
        order_id,
        count(*) as line_count,
        sum(coalesce(
            line_amount,
            cast(quantity * unit_price_amount as decimal(18, 4)) - coalesce(discount_amount, 0)
        )) as lines_amount,
        sum(case when {{ is_goods() }}
            then cast(quantity * unit_price_amount as decimal(18, 4)) end) as goods_amount,
        sum(discount_amount) as discount_amount,
        sum(shipping_amount) as shipping_amount,
        sum(tax_amount) as tax_amount,
        sum(case when {{ is_goods() }} then quantity end) as ordered_quantity,
        max(case when {{ is_goods() }} then quantity end) as largest_line_quantity,
        max(currency_code) as currency_code,
        count(*) filter (where {{ is_goods() }} and sku is null) as missing_sku_count,
        count(*) filter (where {{ is_goods() }} and is_code_unknown) as unknown_sku_count,
        count(*) filter (where {{ is_goods() }} and quantity <= 0) as missing_quantity_count,
        count(*) filter (where {{ is_goods() }} and line_amount is null
            and (unit_price_amount is null or unit_price_amount < 0)) as missing_price_count,
        min(first_stated_at) as lines_stated_at,
        {%- for field in ['sku', 'code', 'quantity', 'price'] %}
        max(case when {{ is_goods() }} then {{ field }}_stated_at end) as {{ field }}_stated_at{{
            ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('int_order_lines__coded') }}
    group by order_id

),

payments as (

    select
        order_id,
        min(case when payment_kind in ('capture', 'authorization') then paid_at end)
            as first_paid_at,
        min(case when payment_kind in ('capture', 'authorization') then paid_known_at end)
            as first_paid_known_at,
        min(case when payment_kind in ('capture', 'cod_collected') then paid_at end)
            as first_captured_at
    from {{ ref('int_payments__dated') }}
    where {{ touched('order_id') }} and payment_status = 'succeeded'
    group by order_id

),

cancels as (

    select order_id, sum(quantity) as partly_cancelled_quantity
    from {{ ref('stg_refunds') }}
    where {{ touched('order_id') }} and refund_status = 'succeeded' and refund_kind = 'cancel'
    group by order_id

),

final as (

    select
        orders.*,
        {{ buyer_key('orders') }} as buyer_key,
        coalesce(orders.currency_code, lines.currency_code) as order_currency_code,
        -- Where nobody tells list prices, the goods are what is owed for them.
        coalesce(
            orders.goods_amount,
            lines.goods_amount,
            orders.payable_amount
            - coalesce(orders.shipping_amount, lines.shipping_amount, 0)
            - coalesce(orders.tax_amount, lines.tax_amount, 0)
            + coalesce(orders.discount_amount, lines.discount_amount, 0)
        ) as order_goods_amount,
        coalesce(orders.discount_amount, lines.discount_amount) as order_discount_amount,
        coalesce(orders.shipping_amount, lines.shipping_amount) as order_shipping_amount,
        coalesce(orders.tax_amount, lines.tax_amount) as order_tax_amount,
        cast(coalesce(
            orders.payable_amount,
            lines.lines_amount
            + coalesce(orders.shipping_amount, lines.shipping_amount, 0)
            + coalesce(orders.tax_amount, 0)
        ) as decimal(18, 4)) as owed_amount,
        cast(coalesce(lines.line_count, 0) as bigint) as found_line_count,
        cast(coalesce(lines.ordered_quantity, orders.item_quantity, 0) as decimal(18, 4))
            as ordered_quantity,
        lines.largest_line_quantity,
        coalesce(lines.missing_sku_count, 0) as missing_sku_count,
        -- Only goods whose stock is followed have to be known here.
        case when {{ channel_rule('is_stock_tracked') }} then coalesce(lines.unknown_sku_count, 0)
            else 0 end as unknown_sku_count,
        case when {{ channel_rule('is_stock_tracked') }} then lines.code_stated_at end as code_stated_at,
        coalesce(lines.missing_quantity_count, 0) as missing_quantity_count,
        coalesce(lines.missing_price_count, 0) as missing_price_count,
        {%- for field in ['lines', 'sku', 'quantity', 'price'] %}
        lines.{{ field }}_stated_at,
        {%- endfor %}
        coalesce(cancels.partly_cancelled_quantity, 0) as partly_cancelled_quantity,
        payments.first_paid_at,
        payments.first_paid_known_at,
        payments.first_captured_at,
        coalesce(orders.payment_method = 'cod', false) as is_cod,
        ended.cancel_cause,
        ended.cancelled_by,
        {%- for rule in ['usual_entry_point', 'zone', 'default_warehouse_id', 'is_reviewed', 'requires_address',
            'is_stock_tracked', 'reports_payments', 'reports_shipments', 'is_final_on_arrival',
            'reports_fulfilment', 'is_settled_by_channel'] %}
        {{ channel_rule(rule) }} as {{ rule }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('stg_orders') }} as orders
    left join lines on orders.order_id = lines.order_id
    left join payments on orders.order_id = payments.order_id
    left join cancels on orders.order_id = cancels.order_id
    left join {{ ref('int_orders__cancelled') }} as ended on orders.order_id = ended.order_id
    {{ join_channels('orders') }}
    where {{ touched('orders.order_id') }} and not coalesce(orders.is_test, false)

)

select * from final
