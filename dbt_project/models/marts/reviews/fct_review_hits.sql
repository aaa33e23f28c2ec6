{{ config(meta={'touched': 'orders'}) }}
with

final as (

    select
        order_id,
        rule_code,
        max(rule_version) as rule_version,
        case max(case effect
            when 'block' then 5 when 'hold' then 4 when 'finance' then 3 when 'manual' then 2 else 1
        end)
            when 5 then 'block' when 4 then 'hold' when 3 then 'finance' when 2 then 'manual'
            else 'pass'
        end as effect,
        min(hit_at) as hit_at,
        '[' || {{ joined_text(
            fact('fact_name', 'fact_value', 'operator', 'threshold_value'), ',', 'condition_key') }}
            || ']' as facts
    from {{ ref('int_reviews__evaluated') }}
    group by order_id, rule_code

)

select * from final
