{# Stock and money as of two moments: what had happened by `t_true` of what we knew by `t_known`.
   Bodies of table macros in the snapshot; see as_of.sql. #}

{# One row per article and warehouse that anything was reserved in: pieces of confirmed orders and of
   orders that may still be. The same rules as fct_stock_reservations, over what satisfies the
   condition; a line counts with the pieces it has now, at the place it came to be known by. #}
{% macro reservations_where(condition) %}
with folded as (
    select
        order_id,
        coalesce(bit_or(cast(event_bits as bigint)), 0) as happened_bits,
        max(case when event_type = 'STOCK_RESERVED' then occurred_at end) as stated_at,
        max(case when event_type in ('RESERVATION_RELEASED', 'RESERVATION_EXPIRED')
            then occurred_at end) as released_at
    from (
        select order_id, event_type, occurred_at, {{ event_bits() }} as event_bits
        from marts.fct_order_events as events
        where {{ condition }}
    ) as marked
    group by order_id
),
states as (
    select
        order_id,
        {{ order_status() }} as order_status,
        released_at is not null and (stated_at is null or released_at >= stated_at) as is_released
    from folded
    where ({{ has('ORDER_PLACED') }}) or ({{ has('ORDER_IMPORTED_MANUAL') }})
),
moves as (select * from marts.fct_reservation_moves as events where {{ condition }}),
by_line as (
    select line_id, bool_or(move = 'ordered') as is_ordered, bool_or(move = 'supplied') as is_supplied,
        {{ moved_quantities(['shipped', 'cancelled']) }}
    from moves where line_id is not null group by line_id
),
by_sku as (
    select order_id, sku, {{ moved_quantities(['shipped', 'cancelled']) }}
    from moves where line_id is null and sku is not null group by order_id, sku
),
by_order as (
    select
        order_id,
        bool_or(move = 'emptied') as is_emptied,
        sum(case move when 'freed' then move_count when 'bound' then -move_count else 0 end) > 0
            as is_freed
    from moves group by order_id
),
lines as (
    select *, coalesce(sum(quantity) over (
        partition by order_id, sku order by line_number nulls last, line_id
        rows between unbounded preceding and 1 preceding
    ), 0) as earlier_quantity
    from marts.fct_order_lines
    where order_id in (select order_id from by_order)
),
filled as (
    select
        lines.*,
        coalesce(by_line.is_supplied, false) as is_supplied,
        coalesce(by_order.is_emptied, false) as is_emptied,
        coalesce(by_order.is_freed, false) as is_freed
        {%- for move in ['shipped', 'cancelled'] %},
        coalesce(by_line.{{ move }}_quantity, 0) + greatest(0, least(
            lines.quantity, coalesce(by_sku.{{ move }}_quantity, 0) - earlier_quantity
        )) as out_{{ move }}_quantity
        {%- endfor %}
    from lines
    inner join by_line on lines.line_id = by_line.line_id and by_line.is_ordered
    left join by_sku on lines.order_id = by_sku.order_id and lines.sku = by_sku.sku
    left join by_order on lines.order_id = by_order.order_id
),
opened as (
    select *, quantity - out_cancelled_quantity - case when is_emptied
        then greatest(quantity - out_cancelled_quantity, out_shipped_quantity)
        else out_shipped_quantity end as open_quantity
    from filled
)
select
    reserved.sku,
    reserved.warehouse_id,
    {%- for kind, status in [('hard', 'CONFIRMED'), ('soft', 'PLACED')] %}
    sum(case when states.order_status = '{{ status }}'
        then round(opened.open_quantity * reserved.quantity / opened.quantity, 4) else 0 end)
        as reserved_{{ kind }}_quantity{{ ',' if not loop.last }}
    {%- endfor %}
from opened
inner join states on opened.order_id = states.order_id
inner join marts.fct_stock_reservations as reserved on opened.line_id = reserved.line_id
where opened.open_quantity > 0
    and not opened.is_supplied
    and not opened.is_freed
    and (states.order_status = 'CONFIRMED'
        or (states.order_status = 'PLACED' and not states.is_released))
group by reserved.sku, reserved.warehouse_id
{% endmacro %}

{# One row per sku and warehouse. A batch that has run out of time by `t_true`, or by the last word
   about the place, is not sellable. #}
{% macro stock_where(condition, reserving) %}
{%- set kinds = ['on_hand', 'damaged', 'frozen', 'held', 'expired'] %}
with lots as (
    select
        sku,
        warehouse_id,
        coalesce(lot, '') as lot_key,
        {%- for bucket in ['on_hand', 'damaged', 'frozen', 'held'] %}
        sum({{ stock_change(bucket) }}) as {{ bucket }},
        {%- endfor %}
        max(lot_expires_at) as lot_expires_at
    from marts.fct_stock_movements
    where is_counted and {{ condition }}
    group by sku, warehouse_id, coalesce(lot, '')
),
words as (
    select sku, warehouse_id, greatest(last_moved_at, snapshot_at) as last_at
    from marts.fct_stock_positions
),
places as (
    select
        lots.sku,
        lots.warehouse_id,
        sum(on_hand) as on_hand_quantity,
        greatest(sum(damaged), 0) as damaged_quantity,
        greatest(sum(frozen), 0) as frozen_quantity,
        greatest(sum(held), 0) as held_quantity,
        sum(case when lot_expires_at <= least(t_true, last_at) then greatest(on_hand
            - greatest(damaged, 0) - greatest(frozen, 0) - greatest(held, 0), 0) else 0 end)
            as expired_quantity
    from lots
    left join words on lots.sku = words.sku and lots.warehouse_id = words.warehouse_id
    group by lots.sku, lots.warehouse_id
),
promised as (
    select
        coalesce(places.sku, reserved.sku) as sku,
        coalesce(places.warehouse_id, reserved.warehouse_id) as warehouse_id,
        {%- for name in kinds + ['reserved_hard', 'reserved_soft'] %}
        cast(coalesce({{ name }}_quantity, 0) as decimal(18, 4)) as {{ name }}_quantity
            {{- ',' if not loop.last }}
        {%- endfor %}
    from places
    full join ({{ reservations_where(reserving) }}) as reserved
        on places.sku = reserved.sku and places.warehouse_id = reserved.warehouse_id
),
sellable as (
    select *, cast(on_hand_quantity - damaged_quantity - frozen_quantity - held_quantity
        - expired_quantity as decimal(18, 4)) as sellable_quantity
    from promised
)
select
    *,
    cast(sellable_quantity - reserved_hard_quantity - reserved_soft_quantity as decimal(18, 4))
        as atp_quantity
from sellable
{% endmacro %}

{# One row per shop and currency: what was due, paid, given back, billed and paid out. Money of a
   cancelled order is no longer due. #}
{% macro money_where(condition) %}
with parts as (
    select shop_id, currency_code,
        case when order_status not in ('CANCELLED', 'EXPIRED') then payable_amount else 0 end
            as payable_amount,
        captured_amount, refunded_amount,
        0 as gross_amount, 0 as fee_amount, 0 as paid_out_amount
    from ({{ orders_folded_where(condition) }}) as orders
    union all
    select shop_id, currency_code, 0, 0, 0, gross_amount, fee_amount, 0
    from marts.fct_settlement_lines
    where posted_at <= t_true and ingested_at <= t_known
    union all
    select shop_id, currency_code, 0, 0, 0, 0, 0, amount
    from marts.fct_payouts
    where paid_out_at <= t_true and ingested_at <= t_known
)
select
    shop_id,
    currency_code,
    {%- for name in ['payable', 'captured', 'refunded', 'gross', 'fee', 'paid_out'] %}
    cast(sum(coalesce({{ name }}_amount, 0)) as decimal(18, 4)) as {{ name }}_amount
        {{- ',' if not loop.last }}
    {%- endfor %}
from parts
group by shop_id, currency_code
{% endmacro %}
