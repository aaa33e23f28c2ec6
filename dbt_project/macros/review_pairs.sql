{# Minutes since the buyer's latest order of the same goods for the same amount, where it is of the
   same day and still lives. `pairs` are orders with an earlier one of the same buyer. #}
{% macro twin_minutes(pairs) %}
    select
        near.order_id,
        min({{ minutes_between('near.earlier_placed_at', 'near.placed_at') }}) as twin_minutes,
        {{ last_by('near.earlier_id', ['near.earlier_placed_at', 'near.earlier_id']) }}
            as twin_order_id
    from {{ pairs }} as near
    inner join {{ goods_of('select order_id from ' ~ pairs) }} as goods
        on near.order_id = goods.order_id
    inner join {{ goods_of('select earlier_id from ' ~ pairs) }} as earlier_goods
        on near.earlier_id = earlier_goods.order_id
        and goods.goods_text = earlier_goods.goods_text
        and coalesce(near.payable_amount, goods.goods_amount)
            = coalesce(near.earlier_payable_amount, earlier_goods.goods_amount)
    where near.earlier_placed_at >= near.placed_at - interval '1' day
        and (near.earlier_cancelled_at is null or near.earlier_cancelled_at > near.placed_at)
    group by near.order_id
{% endmacro %}

{# What orders are made of: one text and one amount an order. #}
{% macro goods_of(orders) -%}
    (
        select
            order_id,
            {{ joined_text("sku || '*' || cast(quantity as " ~ type_text() ~ ")", ',',
                "sku || '*' || cast(quantity as " ~ type_text() ~ ")") }} as goods_text,
            sum(quantity * unit_price_amount) as goods_amount
        from {{ ref('stg_order_lines') }}
        where {{ is_goods() }} and sku is not null and order_id in ({{ orders }}
            where earlier_placed_at >= placed_at - interval '1' day)
        group by order_id
    )
{%- endmacro %}

{# Earlier orders to the same address that were paid for and not gone when this one came in. #}
{% macro merge_candidates(pairs) %}
    select
        near.order_id,
        count(*) as merge_candidate_count
    from {{ pairs }} as near
    inner join {{ ref('int_orders__entries') }} as entries on near.order_id = entries.order_id
    inner join (
        select order_id, min(paid_at) as entered_at from {{ ref('int_payments__dated') }}
        where payment_status = 'succeeded' and order_id in (select earlier_id from {{ pairs }})
        group by order_id
    ) as paid on near.earlier_id = paid.order_id and paid.entered_at <= entries.entered_at
    left join (
        select order_id, min(gone_at) as gone_at from (
            select order_id, shipped_at as gone_at from {{ ref('stg_shipments') }}
            union all
            select order_id, event_at as gone_at from {{ ref('stg_fulfilment_events') }}
            where event_code in ('packed', 'handed_over', 'supplier_shipped')
        ) as steps
        where order_id in (select earlier_id from {{ pairs }})
        group by order_id
    ) as gone on near.earlier_id = gone.order_id
    where near.ship_address_index = near.earlier_address_index
        and near.earlier_placed_at >= near.placed_at - interval '3' day
        and (near.earlier_cancelled_at is null or near.earlier_cancelled_at > entries.entered_at)
        and (gone.gone_at is null or gone.gone_at > entries.entered_at)
    group by near.order_id
{% endmacro %}
