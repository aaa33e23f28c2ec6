-- One row per line of the touched orders, with what became of its pieces.
{%- set moves = ['shipped', 'cancelled', 'returned'] %}
with

by_line as (

    select line_id, {{ moved_quantities(moves) }}
    from {{ ref('int_order_lines__moved') }}
    where line_id is not null
    group by line_id

),

by_sku as (

    select order_id, sku, {{ moved_quantities(moves) }}
    from {{ ref('int_order_lines__moved') }}
    where line_id is null and sku is not null
    group by order_id, sku

),

-- A parcel without a stated content took everything that was open.
emptied as (

    select distinct order_id
    from {{ ref('int_shipments__handed') }}
    where handed_over_at is not null and stated_quantity is null

),

lines as (

    select
        lines.*,
        {{ is_goods('lines') }} as is_goods,
        folded.order_status in ('CANCELLED', 'EXPIRED') as is_order_cancelled,
        emptied.order_id is not null as is_emptied,
        -- Where only the sku is known, lines of one sku are filled in their order.
        coalesce(sum(lines.quantity) over (
            partition by lines.order_id, lines.sku
            order by lines.line_number nulls last, lines.line_id
            rows between unbounded preceding and 1 preceding
        ), 0) as earlier_quantity
    from {{ ref('int_order_lines__coded') }} as lines
    inner join {{ ref('int_orders__folded') }} as folded on lines.order_id = folded.order_id
    left join emptied on lines.order_id = emptied.order_id

),

filled as (

    select
        lines.*,
        {%- for move in moves %}
        case when lines.is_goods then
            coalesce(by_line.{{ move }}_quantity, 0)
            + greatest(0, least(
                lines.quantity,
                coalesce(by_sku.{{ move }}_quantity, 0) - lines.earlier_quantity
            ))
        else 0 end as {{ move }}_quantity{{ ',' if not loop.last }}
        {%- endfor %}
    from lines
    left join by_line on lines.line_id = by_line.line_id
    left join by_sku on lines.order_id = by_sku.order_id and lines.sku = by_sku.sku

),

settled as (

    select
        *,
        case when is_goods and is_emptied
            then greatest(quantity - cancelled_quantity, shipped_quantity)
            else shipped_quantity end as gone_quantity
    from filled

),

final as (

    select
        line_id,
        order_id,
        line_number,
        coalesce(line_kind, 'goods') as line_kind,
        sku,
        shop_sku,
        is_goods and is_code_unknown as is_code_unknown,
        product_name,
        quantity,
        unit_price_amount,
        coalesce(discount_amount, 0) as discount_amount,
        platform_discount_amount,
        influencer_discount_amount,
        coalesce(shipping_amount, 0) as shipping_amount,
        coalesce(tax_amount, 0) as tax_amount,
        cast(coalesce(
            line_amount,
            cast(quantity * unit_price_amount as decimal(18, 4)) - coalesce(discount_amount, 0)
        ) as decimal(18, 4)) as line_amount,
        currency_code,
        cast(gone_quantity as decimal(18, 4)) as shipped_quantity,
        cast(case
            when is_goods and is_order_cancelled then greatest(quantity - gone_quantity, 0)
            else cancelled_quantity
        end as decimal(18, 4)) as cancelled_quantity,
        cast(returned_quantity as decimal(18, 4)) as returned_quantity,
        supplier_id,
        is_goods,
        file_id,
        row_number
    from settled

)

select * from final
