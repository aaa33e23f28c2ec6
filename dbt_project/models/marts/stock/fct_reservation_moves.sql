{{ config(meta={'touched': 'orders'}) }}
-- Everything that changes what is reserved for a line and is no state of its order, each with both of
-- its clocks: reservations as of a moment are folded from it (marts.stock_at).
with

reserved as (

    select distinct order_id, line_id, reserved_at
    from {{ ref('fct_stock_reservations') }}
    where {{ touched('order_id') }}

),

moves as (

    select
        moved.move,
        moved.order_id,
        moved.line_id,
        moved.sku,
        moved.quantity,
        moved.occurred_at,
        moved.ingested_at
    from {{ ref('int_order_lines__moved') }} as moved
    where moved.move in ('shipped', 'cancelled')
    union all
    select 'ordered' as move, reserved.order_id, reserved.line_id, lines.sku, lines.quantity,
        reserved.reserved_at as occurred_at, lines.first_stated_at as ingested_at
    from reserved
    inner join {{ ref('stg_order_lines') }} as lines on reserved.line_id = lines.line_id
    union all
    -- A parcel without a stated content took everything that was open.
    select 'emptied' as move, order_id, null as line_id, null as sku, null as quantity,
        handed_over_at as occurred_at, handed_over_known_at as ingested_at
    from {{ ref('int_shipments__handed') }}
    where handed_over_at is not null and stated_quantity is null
    union all
    select 'supplied' as move, reserved.order_id, reserved.line_id, null as sku, null as quantity,
        supplied.told_at as occurred_at, supplied.told_known_at as ingested_at
    from {{ ref('int_supplies__lines') }} as supplied
    inner join reserved on supplied.line_id = reserved.line_id
    union all
    {% for move, moment, known in [
        ('freed', 'applied_at', 'known_at'), ('bound', 'released_at', 'released_known_at')] -%}
    select '{{ move }}' as move, holds.order_id, null as line_id, null as sku, null as quantity,
        holds.{{ moment }} as occurred_at, holds.{{ known }} as ingested_at
    from {{ ref('int_reviews__held') }} as holds
    inner join {{ ref('hold_types') }} as types on holds.hold_type = types.hold_type
    where not types.affects_atp and holds.{{ moment }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

summed as (

    select
        order_id,
        line_id,
        sku,
        move,
        occurred_at,
        coalesce(ingested_at, occurred_at) as ingested_at,
        sum(quantity) as quantity,
        count(*) as move_count
    from moves
    where occurred_at is not null and order_id in (select order_id from reserved)
    group by order_id, line_id, sku, move, occurred_at, coalesce(ingested_at, occurred_at)

),

final as (

    select
        md5(
            order_id || '|' || coalesce(line_id, '') || '|' || coalesce(sku, '') || '|' || move
            || '|' || cast({{ epoch_us('occurred_at') }} as {{ type_text() }})
            || '|' || cast({{ epoch_us('ingested_at') }} as {{ type_text() }})
        ) as move_id,
        order_id,
        line_id,
        sku,
        move,
        occurred_at,
        ingested_at,
        cast(quantity as decimal(18, 4)) as quantity,
        move_count
    from summed

)

select * from final
