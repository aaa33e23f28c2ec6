{{ config(materialized='ephemeral') }}
-- Finished orders are put away: their time for after-sales is over, and no case is open. A case that
-- comes later brings the order back until it is closed.
with

finished as (

    select
        priced.*,
        ended.ended_at,
        ended.ended_known_at,
        {{ add_minutes('coalesce(ended.ended_at, priced.placed_at)',
            threshold('after_sales_minutes')) }} as window_ends_at
    from {{ ref('int_orders__priced') }} as priced
    left join {{ ref('int_orders__ended') }} as ended on priced.order_id = ended.order_id
    where (ended.ended_at is not null or priced.is_final_on_arrival)
        and priced.cancelled_at is null

),

archived as (

    select
        finished.*,
        greatest(finished.window_ends_at, cases.closed_at) as archived_at
    from finished
    left join {{ ref('int_cases__counted') }} as cases on finished.order_id = cases.order_id
    where coalesce(cases.open_count, 0) <= 0
        and finished.window_ends_at <= {{ told_until(build_window().to_seq) }}

)

select
    {{ logged("'ORDER_ARCHIVED'", 'archived_at',
        'greatest(archived_at, ended_known_at, placed_known_at)', "'order'", 'order_id', {
            'actor_type': "'system'"}) }}
from archived
