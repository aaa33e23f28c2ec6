{{ config(meta={'touched': 'orders'}) }}
with

marked as (

    select
        events.order_id,
        events.event_id,
        events.event_type,
        events.event_rank,
        events.occurred_at,
        events.detail_code,
        coalesce(orders.owed_amount, 0) as payable_amount,
        orders.ordered_quantity,
        {{ event_marks() }}
    from {{ ref('int_events') }} as events
    inner join {{ ref('int_orders__priced') }} as orders on events.order_id = orders.order_id

),

run as (

    select
        {{ state_event_columns() }},
        {%- for name, aggregate, default in state_accumulators() %}
        coalesce({{ aggregate }} over so_far, {{ default }}) as {{ name }},
        coalesce({{ aggregate }} over before, {{ default }}) as was_{{ name }},
        {%- endfor %}
        row_number() over (
            partition by order_id order by occurred_at, event_rank, event_id
        ) as event_number
    from marked
    window
        so_far as (
            partition by order_id order by occurred_at, event_rank, event_id
            rows between unbounded preceding and current row
        ),
        before as (
            partition by order_id order by occurred_at, event_rank, event_id
            rows between unbounded preceding and 1 preceding
        )

),

axes as (

    select
        {{ state_event_columns() }},
        event_number,
        {{ status_columns() }},
        {{ status_columns('was_', 'was_') }}
    from run

),

judged as (

    select
        axes.*,
        {{ headline_status('axes.') }} as headline_status,
        {{ headline_status('axes.was_') }} as was_headline_status,
        {{ deviation_code('axes') }} as deviation_code
    from axes
    {{ join_transitions('axes') }}

),

-- The history keeps the rows on which something changed, or something should not have happened.
final as (

    select
        order_id,
        row_number() over (partition by order_id order by event_number) as state_number,
        event_id,
        event_type,
        occurred_at,
        headline_status,
        {%- for axis in status_axes() %}
        {{ axis }}_status,
        {%- endfor %}
        deviation_code is not null as is_deviation,
        deviation_code
    from judged
    where event_number = 1
        or deviation_code is not null
        or headline_status <> was_headline_status
        {%- for axis in status_axes() %}
        or {{ axis }}_status <> was_{{ axis }}_status
        {%- endfor %}

)

select * from final
