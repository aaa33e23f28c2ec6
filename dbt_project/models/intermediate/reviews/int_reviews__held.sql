-- One row per hold of a touched order: from when to when, and how it ended: released by somebody, by
-- itself, or lapsed because the goods had all left or it was cancelled first.
with

applied as (

    select
        order_id,
        hold_type,
        applied_at,
        min(known_at) as known_at,
        bool_and(is_of_rule) as is_of_rule,
        max(actor_type) as actor_type,
        max(actor_id) as actor_id,
        -- As long as one of its causes lasts.
        case when count(*) = count(ends_at) then max(ends_at) end as ends_at,
        case when count(*) = count(ends_at) then max(ends_known_at) end as ends_known_at,
        {{ lineage_by('record_key') }}
    from {{ ref('int_reviews__applied') }}
    group by order_id, hold_type, applied_at

),

over_at as (

    select order_id, min(over_at) as over_at
    from (
        select order_id, cancelled_at as over_at from {{ ref('int_orders__priced') }}
        union all
        select order_id, handed_over_at as over_at from {{ ref('int_shipments__handed') }}
        where is_complete
    ) as ends
    where order_id in (select order_id from applied)
    group by order_id

),

releases as (

    select
        applied.order_id,
        applied.hold_type,
        applied.applied_at,
        min(releases.released_at) as released_at,
        {% for column in ['known_at', 'actor_type', 'actor_id'] + lineage_columns() -%}
        {{ first_by('releases.' ~ column, ['releases.released_at', 'releases.record_key']) }}
            as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from applied
    inner join {{ ref('hold_types') }} as types on applied.hold_type = types.hold_type
    inner join {{ ref('int_reviews__released') }} as releases
        on applied.order_id = releases.order_id
        and coalesce(releases.hold_type, applied.hold_type) = applied.hold_type
        and (releases.actor_role is null
            or '|' || types.release_roles || '|' like '%|' || releases.actor_role || '|%')
        and (releases.released_at > applied.applied_at
            or (applied.is_of_rule and releases.is_pass))
    group by applied.order_id, applied.hold_type, applied.applied_at

),

final as (

    select
        applied.order_id,
        applied.hold_type,
        applied.applied_at,
        applied.known_at,
        applied.actor_type,
        applied.actor_id,
        {% for column in lineage_columns() -%}
        applied.{{ column }},
        {% endfor -%}
        case
            when releases.released_at <= coalesce(applied.ends_at, releases.released_at)
                and releases.released_at <= coalesce(over_at.over_at, releases.released_at)
                then 'person'
            when applied.ends_at <= coalesce(over_at.over_at, applied.ends_at) then 'itself'
            when over_at.over_at is not null then 'over'
        end as ended_by,
        least(releases.released_at, applied.ends_at, over_at.over_at) as released_at,
        case when releases.released_at <= coalesce(applied.ends_at, releases.released_at)
            then releases.known_at
            else coalesce(applied.ends_known_at, over_at.over_at) end as released_known_at,
        releases.actor_type as release_actor_type,
        releases.actor_id as release_actor_id,
        {% for column in lineage_columns() -%}
        releases.{{ column }} as release_{{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from applied
    left join releases
        on applied.order_id = releases.order_id
        and applied.hold_type = releases.hold_type
        and applied.applied_at = releases.applied_at
    left join over_at on applied.order_id = over_at.order_id

)

select * from final where released_at is null or released_at > applied_at
