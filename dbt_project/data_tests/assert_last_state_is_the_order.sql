-- The history and the fold are two computations: where a history ends is where the order stands.
with

last_states as (

    select order_id, max(state_number) as state_number
    from {{ ref('fct_order_states') }}
    group by order_id

),

final as (

    select
        orders.order_id,
        orders.headline_status,
        states.headline_status as last_headline_status
    from {{ ref('fct_orders') }} as orders
    left join last_states on orders.order_id = last_states.order_id
    left join {{ ref('fct_order_states') }} as states
        on last_states.order_id = states.order_id
        and last_states.state_number = states.state_number
    where orders.headline_status is distinct from states.headline_status
        {%- for axis in status_axes() %}
        or orders.{{ axis }}_status is distinct from states.{{ axis }}_status
        {%- endfor %}

)

select * from final
