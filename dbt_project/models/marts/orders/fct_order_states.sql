{{ config(meta={'touched': 'orders'}) }}
with

{{ parcel_steps(order_log()) }},

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
    from {{ order_log() }} as events
    inner join {{ ref('int_orders__priced') }} as orders on events.order_id = orders.order_id
    left join parcel_steps on events.event_id = parcel_steps.step_event_id

),

run as (

    select
        {{ state_event_columns() }},
        {%- for name, aggregate, own in state_accumulators()
            if name not in ('delivered_quantity', 'returned_quantity') %}
        coalesce({{ aggregate }} over so_far, 0) as {{ name }},
        {%- if aggregate.startswith('sum') %}
        coalesce({{ aggregate }} over so_far, 0) - coalesce({{ own }}, 0) as was_{{ name }},
        {%- else %}
        coalesce({{ aggregate }} over before, 0) as was_{{ name }},
        {%- endif %}
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

-- The history keeps the events that changed something or should not have happened; the others
-- leave gaps in the numbers.
final as (

    select
        order_id,
        event_number as state_number,
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
