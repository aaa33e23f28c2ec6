{{ config(materialized='incremental', meta={'touched': 'orders'}) }}
-- Confirmed lines that no warehouse was given to: they take from the sku, of which house nobody knows.
-- A hold that gives the goods free takes them out, as it does of what is reserved.
select
    line_id,
    order_id,
    line_number,
    channel,
    shop_id,
    sku,
    kit_sku,
    cast(open_quantity as decimal(18, 4)) as open_quantity,
    confirmed_at,
    cast(1 as bigint) as priority_number,
    paid_at
from {{ ref('int_stock__wanted') }}
where warehouse_id is null
    and order_status = 'CONFIRMED'
    and not is_ended
    and (freed_at is null or freed_until_at is not null)
