-- One row per order and review condition that holds: the rule, its facts and when it was hit.
{%- set facts = [
    'address_shown_length', 'phone_shown_length', 'risk_list_count', 'cancelled_of_last_10_count',
    'cancelled_in_30_days_count', 'largest_line_quantity', 'payable_amount'] %}
with

valued as (

    select
        orders.order_id,
        orders.entered_at,
        rules.rule_code,
        rules.rule_version,
        rules.effect,
        rules.fact_name,
        rules.operator,
        rules.threshold_value,
        cast(case rules.fact_name
            {%- for fact in facts %}
            when '{{ fact }}' then orders.{{ fact }}
            {%- endfor %}
        end as decimal(18, 4)) as fact_value
    from {{ ref('int_orders__entered') }} as orders
    inner join {{ ref('review_rules') }} as rules
        on orders.entered_at >= rules.valid_from
        and orders.entered_at < rules.valid_to
        and coalesce(rules.currency_code, orders.order_currency_code, '')
            = coalesce(orders.order_currency_code, '')
    where orders.is_reviewed

),

final as (

    select
        order_id,
        rule_code,
        rule_version,
        effect,
        entered_at as hit_at,
        fact_name,
        operator,
        threshold_value,
        fact_value
    from valued
    where case operator
        when '<' then fact_value < threshold_value
        when '<=' then fact_value <= threshold_value
        when '>' then fact_value > threshold_value
        when '>=' then fact_value >= threshold_value
        when '=' then fact_value = threshold_value
    end

)

select * from final
