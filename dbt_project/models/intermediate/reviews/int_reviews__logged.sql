{{ config(materialized='ephemeral') }}
-- Events of review: rules that were hit, holds, the way through review, and people's decisions.
with

orders as (

    select entries.*, priced.is_cod, priced.is_reviewed, {% for column in lineage_columns() -%}
        priced.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
    from {{ ref('int_orders__entries') }} as entries
    inner join {{ ref('int_orders__priced') }} as priced on entries.order_id = priced.order_id

),

turns as (

    select
        turned.*,
        min(case when is_free then turned_at end) over (partition by order_id) as free_at,
        bool_or(is_decided) over (
            partition by order_id order by turned_at
            rows between unbounded preceding and current row
        ) as was_decided
    from {{ ref('int_reviews__turned') }} as turned

),

-- Nothing stood in the way of the others: they are confirmed as they come in.
confirmed as (

    select
        orders.*,
        coalesce(turns.turned_at, orders.entered_at) as confirmed_at,
        greatest(turns.known_at, orders.entered_known_at) as confirmed_known_at,
        orders.is_reviewed and not coalesce(turns.was_decided, passed.order_id is not null)
            as is_auto
    from orders
    left join turns on orders.order_id = turns.order_id and turns.turned_at = turns.free_at
    left join (
        select distinct order_id from {{ ref('int_reviews__released') }} where is_pass
    ) as passed on orders.order_id = passed.order_id
    where turns.order_id is not null
        or orders.order_id not in (select order_id from {{ ref('int_reviews__turned') }})

),

hits as (

    select orders.*, rules.rule_code, rules.hit_at, rules.known_at
    from orders
    inner join (
        select order_id, rule_code, min(hit_at) as hit_at, min(known_at) as known_at
        from {{ ref('int_reviews__evaluated') }}
        group by order_id, rule_code
    ) as rules on orders.order_id = rules.order_id

),

entries as (

    select orders.*, turns.turned_at, turns.known_at, turns.stage
    from orders
    inner join turns on orders.order_id = turns.order_id
    where turns.stage in ('manual', 'finance', 'block')
        or (turns.stage = 'hold' and not turns.is_hold_applied)

),

decisions as (

    select
        *,
        case when not is_undone then case
            when verb in ('review_pass', 'allow_once', 'finance_pass') then 'REVIEW_PASSED'
            when verb = 'review_reject' then 'REVIEW_REJECTED'
            when verb = 'merge_orders' then 'ORDER_MERGED'
            when verb = 'chase_supplier' then 'SUPPLIER_CHASED'
            when verb = 'switch_supplier' then 'SUPPLIER_SWITCHED'
            when verb = 'approve_exception' then 'SHIP_EXCEPTION_APPROVED'
        end end as event_type
    from {{ ref('int_decisions__kept') }}
    where is_undone or decision_id not in (
        select decision_id from {{ ref('int_decisions__stated') }}
    )

)

select
    {{ logged("'REVIEW_RULE_HIT'", 'hit_at', 'known_at', "'order'", 'order_id', {
        'actor_type': "'system'", 'detail_code': 'rule_code'}) }}
from hits
union all
select
    {{ logged("case when stage = 'block' then 'ORDER_BLOCKED' else 'REVIEW_ENTERED' end",
        'turned_at', 'known_at', "'order'", 'order_id', {
            'actor_type': "'system'", 'detail_code': 'stage'}) }}
from entries
union all
select
    {{ logged("'REVIEW_PASSED'", 'confirmed_at', 'confirmed_known_at', "'order'", 'order_id', {
        'actor_type': "'system'", 'detail_code': "'auto'"}) }}
from confirmed
where is_auto
union all
select
    {{ logged("'ORDER_CONFIRMED'", 'confirmed_at', 'confirmed_known_at', "'order'", 'order_id', {
        'actor_type': "'system'",
        'detail_code': "case when is_cod then 'cod' else 'paid' end"}) }}
from confirmed
union all
select
    {{ logged("coalesce(event_type, 'ACTION_TAKEN')", 'decided_at', 'decided_known_at',
        "coalesce(entity_type, 'order')", 'coalesce(entity_id, order_id)', {
            'actor_type': "'staff'", 'actor_id': 'actor_id', 'detail_code': 'verb'}) }}
from decisions
union all
select * from {{ ref('int_holds__logged') }}
