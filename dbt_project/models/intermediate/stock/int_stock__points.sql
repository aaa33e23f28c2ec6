{{ config(materialized='ephemeral') }}
-- Everything that changes the stock of a touched sku or what is promised of it, moment by moment.
with

reservations as (

    select
        *,
        case
            when hardened_at is not null or ended_at is not null or _is_released
                then greatest(reserved_at, least(
                    hardened_at, ended_at, case when _is_released then released_at end))
        end as soft_until_at
    from {{ ref('fct_stock_reservations') }}
    where {{ touched('sku', 'skus') }}

),

-- What a hold gave free is not promised for as long as the hold lasts.
freed as (

    select
        *,
        case when ended_at is null then open_quantity else quantity end as freed_quantity,
        greatest(freed_at, reserved_at) as soft_from,
        least(freed_until_at, soft_until_at) as soft_to,
        greatest(freed_at, hardened_at) as hard_from,
        least(freed_until_at, ended_at) as hard_to
    from reservations
    where freed_at is not null

),

changes as (

    select
        sku,
        warehouse_id,
        moved_at as point_at,
        {{ stock_change('on_hand') }} as on_hand,
        {{ stock_change('damaged') }} as damaged,
        {{ stock_change('frozen') }} as frozen,
        {{ stock_change('held') }} as held,
        case when movement_type = 'ship' then -quantity end as sold,
        null as hard,
        null as soft
    from {{ ref('int_stock__moved') }}
    where is_counted
    {%- for moment, hard, soft in [
        ('reserved_at', '0', 'quantity'),
        ('soft_until_at', '0', '-quantity'),
        ('hardened_at', 'quantity', '0'),
        ('ended_at', 'case when hardened_at is not null then -quantity end', '0'),
        ('_parted_at', 'case when hardened_at is not null then open_quantity - quantity end',
            'case when hardened_at is null and soft_until_at is null then open_quantity - quantity end')
    ] %}
    union all
    select
        sku, warehouse_id, {{ moment }} as point_at, null as on_hand, null as damaged, null as frozen,
        null as held, null as sold, {{ hard }} as hard, {{ soft }} as soft
    from reservations
    where {{ moment }} is not null
    {%- endfor %}
    {%- for kind, moment, sign, lasts in [
        ('soft', 'soft_from', '-', '(soft_to is null or soft_to > soft_from)'),
        ('soft', 'soft_to', '', 'soft_to > soft_from'),
        ('hard', 'hard_from', '-', 'hardened_at is not null and (hard_to is null or hard_to > hard_from)'),
        ('hard', 'hard_to', '', 'hardened_at is not null and hard_to > hard_from')
    ] %}
    union all
    select
        sku, warehouse_id, {{ moment }} as point_at, null as on_hand, null as damaged, null as frozen,
        null as held, null as sold, {{ sign ~ 'freed_quantity' if kind == 'hard' else '0' }} as hard,
        {{ sign ~ 'freed_quantity' if kind == 'soft' else '0' }} as soft
    from freed
    where {{ lasts }}
    {%- endfor %}
    union all
    -- Another level moves nothing, but from then on the same stock may be too little, or enough.
    select
        places.sku, places.warehouse_id, levels.from_at as point_at, null as on_hand, null as damaged,
        null as frozen, null as held, null as sold, null as hard, null as soft
    from {{ ref('int_stock__levelled') }} as levels
    inner join (
        select sku, warehouse_id, min(moved_at) as first_at
        from {{ ref('int_stock__moved') }}
        where is_counted
        group by sku, warehouse_id
    ) as places
        on levels.sku = places.sku and levels.warehouse_id = places.warehouse_id
        and levels.from_at > places.first_at

)

select
    sku,
    warehouse_id,
    point_at,
    {%- for name in ['on_hand', 'damaged', 'frozen', 'held', 'sold', 'hard', 'soft'] %}
    sum(coalesce({{ name }}, 0)) as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
from changes
group by sku, warehouse_id, point_at
