-- One row per order, review rule and condition of an alternative that holds as a whole: what was
-- measured against which threshold, and when. The version valid at that moment counts.
{%- set facts = [
    'payable_amount', 'largest_line_quantity', 'address_shown_length', 'phone_shown_length',
    'payment_gap_amount', 'missing_carrier_count', 'remark_request_count',
    'cancelled_of_last_10_count', 'cancelled_in_30_days_count', 'placed_in_90_days_count',
    'refunded_in_90_days_ratio', 'vip_completed_count', 'twin_minutes', 'merge_candidate_count',
    'price_to_cost_ratio', 'price_to_median_ratio', 'quantity_share_ratio', 'unmapped_sku_count',
    'accounts_at_address_count', 'accounts_on_phone_count', 'region_mismatch_count',
    'serving_carrier_count', 'risk_list_count', 'undeliverable_list_count'] %}
with

measured as (

    {% for fact in facts -%}
    select order_id, order_currency_code, is_cod, entered_at as hit_at, entered_known_at as known_at,
        '{{ fact }}' as fact_name, cast({{ fact }} as decimal(18, 4)) as fact_value
    from {{ ref('int_orders__entered') }}
    where is_reviewed and {{ fact }} is not null
    union all
    {% endfor -%}
    select orders.order_id, orders.order_currency_code, orders.is_cod, min(late.hit_at) as hit_at,
        min(late.known_at) as known_at, late.fact_name, cast(sum(late.fact_value) as decimal(18, 4)) as fact_value
    from {{ ref('int_reviews__late') }} as late
    inner join {{ ref('int_orders__entered') }} as orders on late.order_id = orders.order_id
    where orders.is_reviewed
    group by orders.order_id, orders.order_currency_code, orders.is_cod, late.fact_name

),

held as (

    {{ conditions_met('measured') }}

),

judged as (

    select
        *,
        count(*) over (
            partition by order_id, rule_code, rule_version, alternative_number
        ) as met_count
    from held

),

-- What the other rules add up to: asked only of orders that one of them stops.
scores as (

    select order_id, sum(risk_points) as risk_score
    from (
        select order_id, rule_code, max(risk_points) as risk_points
        from judged
        where effect <> 'pass' and met_count = condition_count
        group by order_id, rule_code
    ) as rules
    group by order_id

),

scored as (

    select orders.order_id, orders.order_currency_code, orders.is_cod,
        orders.entered_at as hit_at, orders.entered_known_at as known_at,
        names.fact_name, cast(scores.risk_score as decimal(18, 4)) as fact_value
    from scores
    inner join {{ ref('int_orders__entered') }} as orders on scores.order_id = orders.order_id
    inner join (
        select 'risk_score' as fact_name, false as is_of_cod
        union all
        select 'cod_risk_score' as fact_name, true as is_of_cod
    ) as names on not names.is_of_cod or orders.is_cod

),

counted as (

    select
        *,
        count(*) over (
            partition by order_id, rule_code, rule_version, alternative_number
        ) as met_count
    from (
        select * from held
        union all
        {{ conditions_met('scored') }}
    ) as met

),

final as (

    select
        order_id,
        rule_code,
        rule_version,
        alternative_number,
        effect,
        hold_type,
        risk_points,
        hit_at,
        known_at,
        fact_name,
        operator,
        threshold_value,
        fact_value,
        fact_name || '.' || lpad(cast(alternative_number as {{ type_text() }}), 3, '0')
            as condition_key
    from counted
    where met_count = condition_count

)

select * from final
