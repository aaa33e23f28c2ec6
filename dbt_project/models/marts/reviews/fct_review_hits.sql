{{ config(meta={'touched': 'orders'}) }}
with

final as (

    select
        order_id,
        rule_code,
        max(rule_version) as rule_version,
        max(effect) as effect,
        min(hit_at) as hit_at,
        '[' || {{ joined_text(
            fact('fact_name', 'fact_value', 'operator', 'threshold_value'), ',', 'fact_name') }}
            || ']' as facts
    from {{ ref('int_reviews__evaluated') }}
    group by order_id, rule_code

)

select * from final
