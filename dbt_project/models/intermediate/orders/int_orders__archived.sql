{{ config(materialized='ephemeral') }}
-- Finished orders are put away: their time for after-sales is over, and no case is open. A case that
-- comes later brings the order back until it is closed.
with

cases as (

    select
        order_id,
        sum(case_delta) as open_count,
        max(case when case_delta < 0 then occurred_at end) as closed_at
    from {{ ref('int_after_sales__logged') }}
    where case_delta <> 0
    group by order_id

),

finished as (

    select
        *,
        {{ add_minutes('coalesce(completed_at, placed_at)', threshold('after_sales_minutes')) }}
            as window_ends_at
    from {{ ref('int_orders__priced') }}
    where (completed_at is not null or is_final_on_arrival) and cancelled_at is null

),

archived as (

    select
        finished.*,
        greatest(finished.window_ends_at, cases.closed_at) as archived_at
    from finished
    left join cases on finished.order_id = cases.order_id
    where coalesce(cases.open_count, 0) <= 0
        and finished.window_ends_at <= {{ told_until(build_window().to_seq) }}

)

select
    {{ logged("'ORDER_ARCHIVED'", 'archived_at',
        'greatest(archived_at, completed_known_at, placed_known_at)', "'order'", 'order_id', {
            'actor_type': "'system'"}) }}
from archived
