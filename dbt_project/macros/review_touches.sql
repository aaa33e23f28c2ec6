{# Orders whose review looks at what changed, though nothing of their own did: later ones of the buyer,
   of the address, of the goods, and those a list names. Expects the relation `direct`. #}
{% macro review_neighbours() %}
{%- set lines, orders = ref('stg_order_lines'), ref('stg_orders') -%}
buyers as (

    select {{ buyer_key('records') }} as buyer_key, min(records.placed_at) as first_placed_at
    from {{ source('records', 'orders') }} as records
    {{ join_channels('records') }}
    where {{ visible_records() }}
        and records.order_id in (select order_id from direct)
        and {{ channel_rule('is_reviewed') }}
        and {{ buyer_key('records') }} is not null
    group by {{ buyer_key('records') }}

),

changed_orders as (

    {{ touched_versions('orders',
        ['order_id', 'placed_at', 'ship_address_index', 'buyer_phone_index']) }}

),

-- Only what is far below or above the usual is compared with what was sold before.
changed_goods as (

    select sku, min(placed_at) as placed_at
    from (
        select coalesce(mapped.sku, changed.sku) as sku, orders.placed_at
        from ({{ touched_versions('order_lines', ['order_id', 'shop_id', 'line_id', 'sku']) }})
            as changed
        left join {{ mapped_skus() }} as mapped
            on changed.shop_id = mapped.shop_id
            and coalesce(changed.sku, changed.line_id) = mapped.shop_sku
        inner join {{ orders }} as orders on changed.order_id = orders.order_id
        union all
        select lines.sku, orders.placed_at
        from {{ lines }} as lines
        inner join changed_orders as orders on lines.order_id = orders.order_id
        union all
        select sku, timestamp '1970-01-01' as placed_at
        from {{ source('records', 'products') }}
        where {{ new_records() }}
    ) as changes
    where sku is not null
    group by sku

),

dearest as (

    select
        lines.sku,
        lines.currency_code,
        max(lines.unit_price_amount) as price_amount,
        max(costs.cost_amount) as cost_amount
    from {{ lines }} as lines
    left join (
        select sku, max(cost_amount) as cost_amount from {{ source('records', 'products') }}
        where {{ visible_records() }}
        group by sku
    ) as costs on lines.sku = costs.sku
    where lines.sku in (select sku from changed_goods)
    group by lines.sku, lines.currency_code

),

listed as (

    {% for kind, column in {'phone': 'buyer_phone_index', 'address': 'ship_address_index'}.items() -%}
    select orders.order_id
    from {{ orders }} as orders
    where orders.{{ column }} in (
        select {{ kind }}_index from ({{ touched_versions('risk_entries', [kind ~ '_index']) }}) as entries
        union
        select named.{{ column }} from {{ orders }} as named
        where named.order_id in (
            select order_id from {{ ref('stg_decisions') }}
            where verb in ('blacklist_add', 'whitelist_add')
                and order_id in (select order_id from direct)
        )
    )
    union
    {% endfor -%}
    select orders.order_id
    from {{ orders }} as orders
    where orders.channel || '|' || orders.buyer_id in (
        select buyer_channel || '|' || buyer_id
        from ({{ touched_versions('risk_entries', ['buyer_channel', 'buyer_id']) }}) as entries
        union
        select named.channel || '|' || named.buyer_id from {{ orders }} as named
        where named.order_id in (
            select order_id from {{ ref('stg_decisions') }}
            where verb in ('blacklist_add', 'whitelist_add')
                and order_id in (select order_id from direct)
        )
    )

),

neighbours as (

    select order_id from listed
    union
    select orders.order_id
    from {{ orders }} as orders
    inner join buyers
        on {{ buyer_key('orders') }} = buyers.buyer_key
        and orders.placed_at >= buyers.first_placed_at
    {%- for column in ['ship_address_index', 'buyer_phone_index'] %}
    union
    select orders.order_id
    from {{ orders }} as orders
    inner join changed_orders as changed
        on orders.{{ column }} = changed.{{ column }}
        and orders.placed_at >= changed.placed_at
        and orders.placed_at < changed.placed_at + interval '7' day
    {%- endfor %}
    union
    select lines.order_id
    from {{ lines }} as lines
    inner join {{ orders }} as orders on lines.order_id = orders.order_id
    inner join changed_goods as changed
        on lines.sku = changed.sku and orders.placed_at >= changed.placed_at
    inner join dearest
        on lines.sku = dearest.sku
        and lines.currency_code is not distinct from dearest.currency_code
    where coalesce(lines.line_amount, lines.quantity * lines.unit_price_amount
            - coalesce(lines.discount_amount, 0)) / nullif(lines.quantity, 0)
            < greatest(dearest.price_amount * {{ highest_share('price_to_median_ratio') }},
                dearest.cost_amount * {{ highest_share('price_to_cost_ratio') }})
        or lines.quantity > {{ threshold('outlier_floor_quantity') }}

)
{% endmacro %}

{# The highest threshold any version of a rule sets for a fact: beyond it nothing can be hit. #}
{% macro highest_share(fact_name) -%}
    coalesce((select max(threshold_value) from {{ ref('review_rules') }}
        where fact_name = '{{ fact_name }}'), 0)
{%- endmacro %}
