{{ config(materialized='ephemeral') }}
-- Events of review: rules that were hit, the way through review, and people's decisions.
with

orders as (

    select decided.*, {% for column in lineage_columns() -%}
        priced.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
    from {{ ref('int_reviews__decided') }} as decided
    inner join {{ ref('int_orders__priced') }} as priced on decided.order_id = priced.order_id

),

hits as (

    select
        orders.*,
        rules.rule_code
    from orders
    inner join (
        select order_id, rule_code from {{ ref('int_reviews__evaluated') }}
        group by order_id, rule_code
    ) as rules on orders.order_id = rules.order_id

),

decisions as (

    select
        *,
        case when not is_undone then case verb
            when 'review_pass' then 'REVIEW_PASSED' when 'review_reject' then 'REVIEW_REJECTED'
            when 'review_hold' then 'HOLD_APPLIED' when 'release_hold' then 'HOLD_RELEASED'
        end end as event_type
    from {{ ref('int_decisions__kept') }}

),

releases as (

    select order_id, event_at as released_at, event_known_at as known_at
    from {{ ref('stg_fulfilment_events') }}
    where event_code = 'hold_released' and {{ touched('order_id') }}
    union
    select order_id, decided_at, decided_known_at from decisions
    where event_type = 'HOLD_RELEASED'

),

-- An order is pending from the moment it enters review, and again when a hold ends undecided.
entries as (

    select orders.*, orders.entered_at as pending_at, orders.entered_known_at as known_at
    from orders
    where is_pending
    union all
    select orders.*, releases.released_at, releases.known_at
    from orders
    inner join releases
        on orders.order_id = releases.order_id
        and releases.released_at > orders.entered_at
        and (orders.passed_at is null or orders.passed_at > releases.released_at)
    where orders.is_pending

)

select
    {{ logged("'REVIEW_RULE_HIT'", 'entered_at', 'entered_known_at', "'order'", 'order_id', {
        'actor_type': "'system'", 'detail_code': 'rule_code'}) }}
from hits
union all
select
    {{ logged("'REVIEW_ENTERED'", 'pending_at', 'known_at', "'order'", 'order_id', {
        'actor_type': "'system'", 'detail_code': 'effect'}) }}
from entries
union all
select
    {{ logged("'REVIEW_PASSED'", 'entered_at', 'entered_known_at', "'order'", 'order_id', {
        'actor_type': "'system'", 'detail_code': "'auto'"}) }}
from orders
where is_reviewed and effect is null
union all
select
    {{ logged("'ORDER_CONFIRMED'", 'confirmed_at', 'confirmed_known_at', "'order'", 'order_id', {
        'actor_type': "'system'",
        'detail_code': "case when is_cod then 'cod' else 'paid' end"}) }}
from orders
where confirmed_at is not null
union all
select
    {{ logged("coalesce(event_type, 'ACTION_TAKEN')", 'decided_at', 'decided_known_at',
        "coalesce(entity_type, 'order')", 'coalesce(entity_id, order_id)', {
            'actor_type': "'staff'", 'actor_id': 'actor_id', 'detail_code': 'verb'}) }}
from decisions
