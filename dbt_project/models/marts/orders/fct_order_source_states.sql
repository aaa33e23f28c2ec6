{{ config(meta={'touched': 'orders'}) }}
{%- set sources = ['channel', 'oms', 'wms', 'carrier', 'finance'] %}
with

last_states as (

    select * from {{ ref('int_states__spanned') }} where to_at is null

),

conflicts as (

    select
        lefts.order_id,
        count(*) as conflict_count,
        min(greatest(lefts.from_at, rights.from_at)) as conflict_since_at
    from {{ ref('state_conflicts') }} as pairs
    inner join last_states as lefts
        on pairs.left_source = lefts.source_code and pairs.left_state = lefts.state_code
    inner join last_states as rights
        on lefts.order_id = rights.order_id
        and pairs.right_source = rights.source_code
        and pairs.right_state = rights.state_code
    where not pairs.is_in_order or rights.from_at > lefts.from_at
    group by lefts.order_id

),

side_by_side as (

    select
        order_id
        {%- for source in sources %},
        max(case when source_code = '{{ source }}' then state_code end) as {{ source }}_state_code,
        max(case when source_code = '{{ source }}' then from_at end) as {{ source }}_state_at
        {%- endfor %}
    from last_states
    group by order_id

),

final as (

    select
        orders.order_id,
        orders.channel,
        orders.shop_id,
        {{ reporting_date('orders.placed_at') }} as placed_date,
        {%- for source in sources %}
        side_by_side.{{ source }}_state_code,
        side_by_side.{{ source }}_state_at,
        {%- endfor %}
        coalesce(conflicts.conflict_count, 0) as conflict_count,
        conflicts.conflict_since_at
    from side_by_side
    inner join {{ ref('int_orders__priced') }} as orders
        on side_by_side.order_id = orders.order_id
    left join conflicts on side_by_side.order_id = conflicts.order_id

)

select * from final
