{{ config(meta={'touched': 'orders'}) }}
with

folded as (

    select *, {{ headline_status() }} as headline_status from {{ ref('int_orders__folded') }}

),

deviations as (

    select order_id, count(*) as deviation_count
    from {{ ref('fct_order_states') }}
    where is_deviation and {{ touched('order_id') }}
    group by order_id

),

final as (

    select
        orders.order_id,
        orders.channel,
        orders.shop_id,
        orders.channel_order_id,
        orders.source,
        coalesce(orders.order_kind, 'sale') as order_kind,
        orders.order_currency_code as currency_code,
        folded.headline_status,
        {%- for axis in status_axes() %}
        folded.{{ axis }}_status,
        {%- endfor %}
        folded.order_status = 'PLACED' and folded.payment_status in ('UNPAID', 'FAILED')
            as is_editable,
        folded.order_status not in ('CANCELLED', 'EXPIRED')
            and (
                folded.paid_at is not null
                or folded.payment_status in ('NOT_REPORTED', 'AUTHORIZED')
                or (orders.payment_method = 'cod' and folded.confirmed_at is not null)
            ) as is_valid,
        orders.payment_method,
        coalesce(
            orders.entry_point,
            case when orders.order_kind = 'manual' then 'staff' end,
            orders.usual_entry_point
        ) as entry_point,
        nullif(orders.ship_method, 'unset') as ship_method,
        methods.delivery_mode,
        coalesce(orders.owed_amount > dear.threshold_amount, false) as requires_insurance,
        orders.buyer_id,
        orders.buyer_name_masked,
        orders.buyer_phone_masked,
        orders.buyer_phone_index,
        orders.ship_address_masked,
        orders.ship_country,
        orders.ship_region,
        orders.ship_city,
        orders.status_raw,
        cast(orders.order_goods_amount as decimal(18, 4)) as goods_amount,
        cast(coalesce(orders.order_discount_amount, 0) as decimal(18, 4)) as discount_amount,
        cast(coalesce(orders.order_shipping_amount, 0) as decimal(18, 4)) as shipping_amount,
        cast(coalesce(orders.order_tax_amount, 0) as decimal(18, 4)) as tax_amount,
        orders.owed_amount as payable_amount,
        cast(folded.captured_amount as decimal(18, 4)) as captured_amount,
        cast(folded.refunded_amount as decimal(18, 4)) as refunded_amount,
        coalesce(nullif(orders.found_line_count, 0), orders.line_count, 0) as line_count,
        orders.ordered_quantity,
        cast(case
            when folded.order_status in ('CANCELLED', 'EXPIRED')
                then greatest(orders.ordered_quantity - folded.shipped_quantity, 0)
            else least(folded.partly_cancelled_quantity, orders.ordered_quantity)
        end as decimal(18, 4)) as cancelled_quantity,
        cast(folded.shipped_quantity as decimal(18, 4)) as shipped_quantity,
        cast(folded.delivered_quantity as decimal(18, 4)) as delivered_quantity,
        cast(folded.returned_quantity as decimal(18, 4)) as returned_quantity,
        folded.shipment_count,
        orders.placed_at,
        folded.paid_at,
        folded.confirmed_at,
        folded.shipped_at,
        case when folded.logistics_status = 'DELIVERED' then folded.last_delivered_at end
            as delivered_at,
        folded.completed_at,
        folded.cancelled_at,
        orders.ship_by_at,
        orders.promised_at,
        folded.last_event_at,
        {{ reporting_date('orders.placed_at') }} as placed_date,
        folded.event_count,
        coalesce(deviations.deviation_count, 0) as deviation_count,
        folded.edit_count,
        orders.file_id as _file_id,
        orders.row_number as _row_number
    from folded
    inner join {{ ref('int_orders__priced') }} as orders on folded.order_id = orders.order_id
    left join deviations on folded.order_id = deviations.order_id
    left join {{ ref('int_ship_methods__read') }} as methods
        on orders.ship_method = methods.ship_method
    left join {{ ref('int_insurance__limits') }} as dear
        on orders.order_currency_code = dear.currency_code
        and orders.placed_at >= dear.valid_from
        and orders.placed_at < dear.valid_to

)

select * from final
