{{ config(materialized='ephemeral') }}
-- At least one line of the order stands, or stood when it was confirmed, below the cut-line.
with

-- From when to when a line stood in the line: a hold that gives its goods free takes it out.
stood as (

    select
        *,
        1 as episode_number,
        coalesce(hardened_at, paid_at) as from_at,
        case when freed_at > coalesce(hardened_at, paid_at) then freed_at else ended_at end as to_at
    from {{ ref('fct_stock_reservations') }}
    where freed_at is null
        or freed_at > coalesce(hardened_at, paid_at)
        or freed_until_at <= coalesce(hardened_at, paid_at)
    union all
    select *, 2 as episode_number, freed_until_at as from_at, ended_at as to_at
    from {{ ref('fct_stock_reservations') }}
    where freed_until_at > coalesce(hardened_at, paid_at)

),

-- It was below the cut-line if the stock was oversold right after it came in.
below as (

    select
        stood.order_id,
        stood.episode_number,
        stood.from_at as opened_at,
        case
            when stood.to_at is not null then least(alerts.cleared_at, stood.to_at)
            when demand.is_served
                then coalesce(alerts.cleared_at, greatest(places.last_moved_at, alerts.raised_at))
        end as closed_at,
        coalesce(demand.shortfall_quantity, 0) as shortfall_quantity,
        not coalesce(demand.is_served, true) as is_below
    from stood
    left join {{ ref('fct_stock_demand') }} as demand
        on stood.line_id = demand.line_id and stood.sku = demand.sku and stood.to_at is null
    left join {{ ref('fct_stock_alerts') }} as alerts
        on alerts.alert_type = 'oversold'
        and stood.sku = alerts.sku and stood.warehouse_id = alerts.warehouse_id
        and alerts.raised_at <= stood.from_at
        and (alerts.cleared_at is null or alerts.cleared_at > stood.from_at)
    left join {{ ref('fct_stock_positions') }} as places
        on stood.sku = places.sku and stood.warehouse_id = places.warehouse_id
    where not demand.is_served
        or (alerts.sku is not null and (demand.line_id is not null or stood.to_at > stood.from_at))

),

unserved as (

    select
        order_id,
        episode_number,
        min(opened_at) as opened_at,
        case when count(*) = count(closed_at) then max(closed_at) end as closed_at,
        sum(shortfall_quantity) as shortfall_quantity,
        count(*) filter (where is_below) as line_count
    from below
    group by order_id, episode_number

)

select
    {{ condition('Q11', {
        'entity_id': 'unserved.order_id', 'order_id': 'unserved.order_id',
        'episode_number': 'unserved.episode_number',
        'channel': 'orders.channel', 'shop_id': 'orders.shop_id',
        'opened_at': 'unserved.opened_at', 'closed_at': 'unserved.closed_at',
        'at_risk_amount': 'orders.payable_amount', 'currency_code': 'orders.currency_code',
        'facts': facts([
            ["'shortfall_quantity'", 'unserved.shortfall_quantity', "'='", '0'],
            ["'unserved_lines'", 'unserved.line_count', "'='", '0']])}) }}
from unserved
inner join {{ ref('fct_orders') }} as orders on unserved.order_id = orders.order_id
