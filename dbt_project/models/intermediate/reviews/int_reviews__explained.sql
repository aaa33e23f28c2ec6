{{ config(materialized='ephemeral') }}
-- One row per order with hits: what was measured, as the facts of a queue item, and the score.
with

points as (

    select order_id, sum(risk_points) as risk_score
    from (
        select order_id, rule_code, max(risk_points) as risk_points
        from {{ ref('int_reviews__evaluated') }}
        group by order_id, rule_code
    ) as rules
    group by order_id

),

facts as (

    select
        order_id,
        '[' || {{ joined_text(
            fact("rule_code || '.' || fact_name", 'fact_value', 'operator', 'threshold_value'), ',',
            "rule_code || '.' || condition_key") }} || ']' as facts,
        bool_or(rule_code = 'RV06') as is_listed,
        bool_or(rule_code = 'RV09') as is_linked,
        min(hit_at) as hit_at
    from {{ ref('int_reviews__evaluated') }}
    where effect <> 'pass'
    group by order_id

)

select facts.*, points.risk_score
from facts
inner join points on facts.order_id = points.order_id
