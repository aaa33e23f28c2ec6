{# Conditions of review rules that measured facts satisfy, with how many their alternative has. #}
{% macro conditions_met(measured) %}
    select
        facts.order_id,
        rules.rule_code,
        rules.rule_version,
        rules.alternative_number,
        rules.condition_count,
        rules.effect,
        rules.hold_type,
        rules.risk_points,
        facts.hit_at,
        facts.known_at,
        facts.fact_name,
        rules.operator,
        rules.threshold_value,
        facts.fact_value
    from {{ measured }} as facts
    inner join (
        select
            *,
            count(*) over (
                partition by rule_code, rule_version, alternative_number
            ) as condition_count
        from {{ ref('review_rules') }}
    ) as rules
        on facts.fact_name = rules.fact_name
        and facts.hit_at >= rules.valid_from
        and facts.hit_at < rules.valid_to
        and coalesce(rules.currency_code, facts.order_currency_code, '')
            = coalesce(facts.order_currency_code, '')
    where case rules.operator
        when '<' then facts.fact_value < rules.threshold_value
        when '<=' then facts.fact_value <= rules.threshold_value
        when '>' then facts.fact_value > rules.threshold_value
        when '>=' then facts.fact_value >= rules.threshold_value
        when '=' then facts.fact_value = rules.threshold_value
    end
{% endmacro %}
