-- One row per moment at which an order's way through review may turn: what stands in its way from
-- then on. What comes first in this order is what is told: block, hold, manual, finance.
{%- set kinds = ['block', 'reject', 'hold', 'manual', 'finance'] %}
with

spans as (

    select * from {{ ref('int_reviews__required') }}

),

points as (

    select order_id, kind, from_at as turned_at, from_known_at as known_at, 1 as change from spans
    union all
    select order_id, kind, to_at as turned_at, to_known_at as known_at, -1 as change
    from spans
    where to_at is not null
    union all
    select order_id, 'entry' as kind, entered_at as turned_at, entered_known_at as known_at,
        0 as change
    from {{ ref('int_orders__entries') }}
    where order_id in (select order_id from spans)

),

moments as (

    select
        order_id,
        turned_at,
        max(known_at) as known_at,
        bool_or(kind = 'hold' and change = 1) as is_hold_applied,
        bool_or(kind in ('block', 'reject', 'manual', 'finance') and change = -1) as is_decided,
        {% for kind in kinds -%}
        sum(case when kind = '{{ kind }}' then change else 0 end) as {{ kind }}_change{{ ',' if not loop.last }}
        {% endfor %}
    from points
    group by order_id, turned_at

),

run as (

    select
        order_id,
        turned_at,
        known_at,
        is_hold_applied,
        is_decided,
        {% for kind in kinds -%}
        sum({{ kind }}_change) over so_far as {{ kind }}_count{{ ',' if not loop.last }}
        {% endfor %}
    from moments
    window so_far as (
        partition by order_id order by turned_at
        rows between unbounded preceding and current row
    )

),

staged as (

    select
        *,
        case
            when block_count > 0 then 'block'
            when reject_count > 0 then 'reject'
            when hold_count > 0 then 'hold'
            when manual_count > 0 then 'manual'
            when finance_count > 0 then 'finance'
        end as stage
    from run

),

final as (

    select
        staged.order_id,
        staged.turned_at,
        staged.known_at,
        staged.is_hold_applied,
        staged.is_decided,
        staged.stage,
        staged.stage is null and staged.turned_at >= entries.entered_at as is_free
    from staged
    left join {{ ref('int_orders__entries') }} as entries on staged.order_id = entries.order_id

)

select * from final
