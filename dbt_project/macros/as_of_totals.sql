{# Stock and money as of two moments: what had happened by `t_true` of what we knew by `t_known`.
   Bodies of table macros in the snapshot; see as_of.sql. #}

{# One row per sku and warehouse. A batch that has run out of time by `t_true` is not sellable. #}
{% macro stock_where(condition) %}
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
places as (
    select
        sku,
        warehouse_id,
        sum(on_hand) as on_hand_quantity,
        greatest(sum(damaged), 0) as damaged_quantity,
        greatest(sum(frozen), 0) as frozen_quantity,
        greatest(sum(held), 0) as held_quantity,
        sum(case when lot_expires_at <= t_true then greatest(on_hand - greatest(damaged, 0) - greatest(frozen, 0)
            - greatest(held, 0), 0) else 0 end) as expired_quantity
    from lots
    group by sku, warehouse_id
)
select
    sku,
    warehouse_id,
    {%- for name in ['on_hand', 'damaged', 'frozen', 'held', 'expired'] %}
    cast({{ name }}_quantity as decimal(18, 4)) as {{ name }}_quantity,
    {%- endfor %}
    cast(on_hand_quantity - damaged_quantity - frozen_quantity - held_quantity - expired_quantity
        as decimal(18, 4)) as sellable_quantity
from places
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
