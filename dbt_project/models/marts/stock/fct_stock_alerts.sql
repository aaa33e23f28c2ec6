{{ config(meta={'touched': 'skus'}) }}
with

kinds as (

    {% for kind, condition in [
        ('low', 'atp_quantity < level_quantity or atp_quantity <= 0'),
        ('negative', 'on_hand_quantity < 0'),
        ('over_reserved', 'on_hand_quantity >= 0 and hard_quantity + soft_quantity > on_hand_quantity'),
        ('oversold', 'sellable_quantity < hard_quantity'),
        ('short', 'atp_quantity < 0')] -%}
    select
        '{{ kind }}' as alert_type, sku, warehouse_id, point_at, atp_quantity, on_hand_quantity,
        hard_quantity + soft_quantity as reserved_quantity, level_quantity,
        {{ condition }} as is_raised
    from {{ ref('int_stock__run') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

turns as (

    select *, lag(is_raised) over (
        partition by alert_type, sku, warehouse_id order by point_at
    ) as was_raised
    from kinds

),

alternating as (

    select *, lead(point_at) over (
        partition by alert_type, sku, warehouse_id order by point_at
    ) as turned_at
    from turns
    where is_raised <> coalesce(was_raised, false)

),

final as (

    select
        alert_type,
        sku,
        warehouse_id,
        row_number() over (
            partition by alert_type, sku, warehouse_id order by point_at
        ) as episode_number,
        point_at as raised_at,
        turned_at as cleared_at,
        cast(atp_quantity as decimal(18, 4)) as atp_quantity,
        cast(on_hand_quantity as decimal(18, 4)) as on_hand_quantity,
        cast(reserved_quantity as decimal(18, 4)) as reserved_quantity,
        level_quantity
    from alternating
    where is_raised

)

select * from final
