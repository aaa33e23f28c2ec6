{{ config(materialized='ephemeral') }}
-- Events of holds: each is a thing of its own, so that its time runs apart from other holds of the
-- order. One that lapsed ended with its order; nobody let it go.
with

holds as (

    select *, order_id || '-' || hold_type as hold_id from {{ ref('int_reviews__held') }}

),

ends as (

    select distinct
        order_id,
        hold_id,
        hold_type,
        case when ended_by = 'over' then 'HOLD_LAPSED' else 'HOLD_RELEASED' end as event_type,
        released_at,
        released_known_at,
        case when ended_by = 'person' then release_actor_type else 'system' end as actor_type,
        case when ended_by = 'person' then release_actor_id end as actor_id,
        {% for column in lineage_columns() -%}
        case when ended_by = 'person' then release_{{ column }} else {{ column }} end
            as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from holds
    where released_at is not null

)

select
    {{ logged("'HOLD_APPLIED'", 'applied_at', 'known_at', "'hold'", 'hold_id', {
        'actor_type': 'actor_type', 'actor_id': 'actor_id', 'detail_code': 'hold_type'}) }}
from holds
union all
select
    {{ logged('event_type', 'released_at', 'released_known_at', "'hold'", 'hold_id', {
        'actor_type': 'actor_type', 'actor_id': 'actor_id', 'detail_code': 'hold_type'}) }}
from ends
