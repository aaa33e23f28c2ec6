{# "As of" questions, answered from the log beside the marts, whatever the file is called when it is
   opened: the macros name schemas, never the catalog. Created after every build. #}
{% macro publish_as_of_macros(results) %}
    {% if not execute or target.type != 'duckdb' or flags.WHICH not in ('run', 'build') %}
        {{ return('') }}
    {% endif %}
    {# A build of a few marts, as a replay is, may lack what a question reads. #}
    {% set there = [] %}
    {% for table in ['fct_order_events', 'fct_orders', 'fct_order_lines', 'fct_stock_movements',
        'fct_stock_positions', 'fct_stock_reservations', 'fct_reservation_moves',
        'fct_settlement_lines', 'fct_payouts'] %}
        {% set relation = api.Relation.create(
            database='candidate', schema='marts', identifier=table) %}
        {% if load_relation(relation) is not none %}{% do there.append(table) %}{% endif %}
    {% endfor %}
    {% if 'fct_order_events' not in there or 'fct_orders' not in there %}{{ return('') }}{% endif %}
    use candidate;
    create or replace macro marts.orders_true_at(t) as table
        {{ orders_folded_where('events.occurred_at <= t') }};
    create or replace macro marts.orders_known_at(t) as table
        {{ orders_folded_where('events.ingested_at <= t') }};
    create or replace macro marts.orders_at(t_true, t_known) as table
        {{ orders_folded_where(
            'events.occurred_at <= t_true and events.ingested_at <= t_known') }};
    {% if 'fct_stock_movements' in there and 'fct_stock_positions' in there
        and 'fct_reservation_moves' in there %}
    create or replace macro marts.stock_at(t_true, t_known) as table
        {{ stock_where('moved_at <= t_true and ingested_at <= t_known',
            'events.occurred_at <= t_true and events.ingested_at <= t_known') }};
    {% endif %}
    {% if 'fct_settlement_lines' in there and 'fct_payouts' in there %}
    create or replace macro marts.money_at(t_true, t_known) as table
        {{ money_where('events.occurred_at <= t_true and events.ingested_at <= t_known') }};
    {% endif %}
    create or replace macro marts.order_states_known_at(p_order_id, t_true, t_known) as table
        {{ states_where(
            'events.order_id = p_order_id and events.occurred_at <= t_true'
            ~ ' and events.ingested_at <= t_known') }};
    use {{ target.database }};
{% endmacro %}

{# One row per order: its axes over the part of the log that satisfies the condition. #}
{% macro orders_folded_where(condition) %}
with {{ parcel_steps('marts.fct_order_events', condition) }},
marked as (
    select order_id, occurred_at, {{ event_marks() }}
    from marts.fct_order_events as events
    left join parcel_steps on event_id = step_event_id
    where {{ condition }}
),
folded as (
    select
        order_id,
        {%- for name, aggregate, own in state_accumulators() %}
        coalesce({{ aggregate }}, 0) as {{ name }},
        {%- endfor %}
        max(occurred_at) as last_event_at,
        count(*) as event_count
    from marked
    group by order_id
),
stated as (
    select
        folded.*, orders.channel, orders.shop_id, orders.currency_code,
        coalesce(orders.payable_amount, 0) as payable_amount, orders.ordered_quantity
    from folded
    inner join marts.fct_orders as orders on folded.order_id = orders.order_id
    where ({{ has('ORDER_PLACED', 'folded.') }}) or ({{ has('ORDER_IMPORTED_MANUAL', 'folded.') }})
),
axes as (select *, {{ status_columns() }} from stated)
select
    order_id, channel, shop_id, {{ headline_status() }} as headline_status,
    {% for axis in status_axes() %}{{ axis }}_status, {% endfor %}
    cast(payable_amount as decimal(18, 4)) as payable_amount,
    cast(captured_amount as decimal(18, 4)) as captured_amount,
    cast(refunded_amount as decimal(18, 4)) as refunded_amount,
    currency_code, cast(shipped_quantity as decimal(18, 4)) as shipped_quantity,
    last_event_at, event_count
from axes
{% endmacro %}

{# One row per event: the state of the order after it. #}
{% macro states_where(condition) %}
with {{ parcel_steps('marts.fct_order_events', condition) }},
marked as (
    select
        events.order_id, event_id, event_type, event_rank, occurred_at, detail_code, case_id,
        coalesce(orders.payable_amount, 0) as payable_amount, orders.ordered_quantity,
        {{ event_marks() }}
    from marts.fct_order_events as events
    inner join marts.fct_orders as orders on events.order_id = orders.order_id
    left join parcel_steps on event_id = step_event_id
    where {{ condition }}
),
run as (
    select
        order_id, event_id, event_type, occurred_at, payable_amount, ordered_quantity,
        row_number() over so_far as state_number,
        {%- for name, aggregate, own in state_accumulators() %}
        coalesce({{ aggregate }} over so_far, 0) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from marked
    window so_far as (
        partition by order_id order by occurred_at, event_rank, event_id
        rows between unbounded preceding and current row
    )
),
axes as (select *, {{ status_columns() }} from run)
select
    order_id, state_number, event_id, event_type, occurred_at,
    {{ headline_status() }} as headline_status,
    {% for axis in status_axes() %}{{ axis }}_status{{ ', ' if not loop.last }}{% endfor %}
from axes
{% endmacro %}
