{{ config(materialized='ephemeral') }}
-- Less than nothing lies there, more is reserved than lies there, or stock is held for an order
-- that has ended.
with

impossible as (

    select
        *,
        row_number() over (
            partition by sku, warehouse_id order by raised_at, alert_type
        ) as run_number
    from {{ ref('fct_stock_alerts') }}
    where alert_type in ('negative', 'over_reserved')

),

orphans as (

    select
        *,
        {{ add_minutes('orphaned_at', threshold('orphan_grace_minutes')) }} as opened_at,
        case when _is_released then released_at end as closed_at
    from {{ ref('fct_stock_reservations') }}
    where orphaned_at is not null

)

select
    {{ condition('Q15', {
        'entity_id': "sku || '@' || warehouse_id", 'episode_number': 'run_number',
        'opened_at': 'raised_at', 'closed_at': 'cleared_at',
        'facts': facts([
            ["'on_hand_quantity'", 'on_hand_quantity', "'>='", '0'],
            ["'reserved_quantity'", 'reserved_quantity', "'<='", 'on_hand_quantity']])}) }}
from impossible
union all
select
    {{ condition('Q15', {
        'entity_id': "line_id || '/' || sku", 'order_id': 'order_id', 'channel': 'channel',
        'shop_id': 'shop_id', 'opened_at': 'opened_at', 'closed_at': 'closed_at',
        'facts': facts([["'orphaned_quantity'", 'quantity', "'='", '0']])}) }}
from orphans
where closed_at is null or closed_at > opened_at
