{{ config(materialized='ephemeral') }}
-- Steps of stocktakes: what the warehouse tells, and what was decided about a line
-- in the app. Taken back, it was not decided.
{%- set place = ['count_line_id', 'count_id', 'sku', 'warehouse_id', 'lot'] %}
{%- set lineage = lineage_columns() %}
with

told as (

    select {{ (lineage + place) | join(', ') }}, count_step, event_at, ingested_at, book_quantity,
        counted_quantity, reason, actor_id
    from {{ ref('stg_stock_counts') }}

),

lines as (

    select {{ place | join(', ') }}
    from told
    where count_step = 'counted'

)

select * from told
union all
select
    {% for column in lineage -%}
    decisions.{{ column }},
    {% endfor -%}
    {% for column in place -%}
    lines.{{ column }},
    {% endfor -%}
    case decisions.verb when 'approve_count' then 'approved' else 'rejected' end as count_step,
    decisions.decided_at as event_at,
    decisions.decided_known_at as ingested_at,
    cast(null as decimal(18, 4)) as book_quantity,
    cast(null as decimal(18, 4)) as counted_quantity,
    cast(null as {{ type_text() }}) as reason,
    decisions.actor_id
from {{ ref('stg_decisions') }} as decisions
inner join lines on decisions.entity_id = lines.count_line_id
where decisions.entity_type = 'count'
    and decisions.verb in ('approve_count', 'reject_count')
    and decisions.decision_id not in (
        select undoes_decision_id from {{ ref('stg_decisions') }}
        where undoes_decision_id is not null
    )
