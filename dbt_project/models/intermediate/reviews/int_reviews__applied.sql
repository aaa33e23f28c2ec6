{{ config(materialized='ephemeral') }}
-- One row per hold that was put on an order: by a rule, by a person, by another system.
-- `ends_at`: when it goes by itself.
{%- set lineage = lineage_columns() | join(', ') %}
{%- set order_lineage = 'orders.' ~ lineage_columns() | join(', orders.') %}
with

rules as (

    select
        hits.order_id,
        hits.hold_type,
        hits.fact_name,
        min(hits.hit_at) as applied_at,
        min(hits.known_at) as known_at
    from {{ ref('int_reviews__evaluated') }} as hits
    where hits.effect = 'hold'
    group by hits.order_id, hits.hold_type, hits.fact_name

),

of_rules as (

    select
        rules.order_id,
        rules.hold_type,
        coalesce(late.hit_at, rules.applied_at) as applied_at,
        coalesce(late.known_at, rules.known_at) as known_at,
        coalesce(late.ended_at, {{ add_minutes('rules.applied_at', 'types.expires_minutes') }})
            as ends_at,
        coalesce(late.ended_known_at,
            {{ add_minutes('rules.applied_at', 'types.expires_minutes') }}) as ends_known_at,
        true as is_of_rule,
        'system' as actor_type,
        cast(null as {{ type_text() }}) as actor_id,
        {{ order_lineage }}
    from rules
    inner join {{ ref('hold_types') }} as types on rules.hold_type = types.hold_type
    inner join {{ ref('int_orders__priced') }} as orders on rules.order_id = orders.order_id
    left join {{ ref('int_reviews__late') }} as late
        on rules.order_id = late.order_id and rules.fact_name = late.fact_name

),

of_people as (

    select
        decisions.order_id,
        coalesce(types.hold_type, 'other') as hold_type,
        decisions.decided_at as applied_at,
        decisions.decided_known_at as known_at,
        cast(null as timestamp) as ends_at,
        cast(null as timestamp) as ends_known_at,
        false as is_of_rule,
        'staff' as actor_type,
        decisions.actor_id,
        {% for column in lineage_columns() -%}
        decisions.{{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('int_decisions__kept') }} as decisions
    left join {{ ref('hold_types') }} as types
        on decisions.reason_code = types.decision_reason_code
    where decisions.verb = 'review_hold' and not decisions.is_undone

),

of_systems as (

    select
        events.order_id,
        coalesce(types.hold_type, 'other') as hold_type,
        events.event_at as applied_at,
        events.event_known_at as known_at,
        cast(null as timestamp) as ends_at,
        cast(null as timestamp) as ends_known_at,
        false as is_of_rule,
        'staff' as actor_type,
        events.actor_id,
        {% for column in lineage_columns() -%}
        events.{{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('stg_fulfilment_events') }} as events
    left join {{ ref('hold_types') }} as types on events.reason = types.hold_type
    where events.event_code = 'hold_applied' and {{ touched('events.order_id') }}

)

select * from of_rules
union all
select * from of_people
union all
select * from of_systems
