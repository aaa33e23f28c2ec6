{{ config(materialized='ephemeral') }}
-- Orders whose time for after-sales ended, or for the rest of whose price the day came, between the
-- last build and this one. Nothing new was said of them: what was said of others shows that the time
-- has passed.
with

windows as (

    select order_id, {{ add_minutes('coalesce(completed_at, closed_at, placed_at)',
        threshold('after_sales_minutes')) }} as ends_at
    from {{ ref('stg_orders') }}
    union all
    select order_id, rest_due_at as ends_at
    from {{ ref('stg_orders') }}
    where rest_due_at is not null

)

select distinct order_id
from windows
where ends_at <= {{ told_until(build_window().to_seq) }}
    and ends_at > coalesce({{ told_until(build_window().from_seq) }}, timestamp '1900-01-01')
