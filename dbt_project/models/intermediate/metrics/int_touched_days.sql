-- Business days on which a touched order was placed, in any version of its record.
-- depends_on: {{ ref('int_touched_orders') }}
{% if is_full() %}
select cast(null as date) as placed_date where false
{% else %}
select distinct {{ reporting_date('placed_at') }} as placed_date
from {{ source('records', 'orders') }}
where {{ visible_records() }}
    and order_id in (select order_id from {{ ref('int_touched_orders') }})
{% endif %}
