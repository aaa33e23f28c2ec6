{# The share of clocks that breach, given that they are still open when a tenth of their time has
   passed: one row per service level, segment (carrier of a parcel, else channel), weekday, quarter of
   the day and tenth. Where few were seen, the rate leans on that of the wider group: weekday on
   segment, segment on service level, as if `breach_forecast_weight` clocks of it had been seen here. #}
{% macro breach_rates(outcomes, condition) %}
    {%- set keys = ['sla_code', 'segment', 'weekday', 'day_quarter'] -%}
    {%- set columns = keys | join(', ') -%}
    with
    seen as (
        select {{ columns }}, tenth, count(*) as clock_count
        from {{ outcomes }}
        where {{ condition }}
        group by {{ columns }}, tenth
    ),
    tenths as (
        {{ numbers(0, 9, 'tenth') }}
    ),
    spread as (
        select
            seen.sla_code, seen.segment, seen.weekday, seen.day_quarter, tenths.tenth,
            sum(seen.clock_count) as at_risk_count,
            sum(case when seen.tenth = 10 then seen.clock_count else 0 end) as breach_count
        from seen
        inner join tenths on seen.tenth >= tenths.tenth
        group by seen.sla_code, seen.segment, seen.weekday, seen.day_quarter, tenths.tenth
    ),
    segments as (select distinct sla_code, segment from seen),
    weekdays as (
        {{ numbers(1, 7, 'weekday') }}
    ),
    quarters as (
        {{ numbers(0, 3, 'day_quarter') }}
    ),
    -- Every combination has a row, so that who asks always finds one.
    every as (
        select
            segments.sla_code, segments.segment, weekdays.weekday, quarters.day_quarter,
            tenths.tenth,
            coalesce(spread.at_risk_count, 0) as at_risk_count,
            coalesce(spread.breach_count, 0) as breach_count
        from segments
        cross join weekdays
        cross join quarters
        cross join tenths
        left join spread
            on segments.sla_code = spread.sla_code and segments.segment = spread.segment
            and weekdays.weekday = spread.weekday and quarters.day_quarter = spread.day_quarter
            and tenths.tenth = spread.tenth
    ),
    summed as (
        select
            every.*,
            {%- for depth in range(1, 4) %}
            {%- set group = (keys[:depth] + ['tenth']) | join(', ') %}
            sum(at_risk_count) over (partition by {{ group }}) as at_risk_{{ depth }},
            sum(breach_count) over (partition by {{ group }}) as breach_{{ depth }},
            {%- endfor %}
            {{ threshold('breach_forecast_weight') }} as weight
        from every
    ),
    widest as (
        select *, cast(breach_1 + 0.5 as double) / (at_risk_1 + 1) as rate_1 from summed
    ),
    of_segment as (
        select *, {{ leaned('breach_2', 'at_risk_2', 'rate_1') }} as rate_2 from widest
    ),
    of_weekday as (
        select *, {{ leaned('breach_3', 'at_risk_3', 'rate_2') }} as rate_3 from of_segment
    )
    select
        {{ columns }}, tenth, at_risk_count, breach_count,
        {{ leaned('breach_count', 'at_risk_count', 'rate_3') }} as breach_probability
    from of_weekday
{% endmacro %}

{# A rate pulled towards that of the wider group. #}
{% macro leaned(breaches, at_risk, wider) -%}
    (({{ breaches }} + cast(weight as double) * {{ wider }}) / ({{ at_risk }} + cast(weight as double)))
{%- endmacro %}

{# Whole numbers as rows of one column. #}
{% macro numbers(first, last, name) -%}
    {%- for number in range(first, last + 1) -%}
        select {{ number }} as {{ name }}
        {%- if not loop.last %} union all {% endif -%}
    {%- endfor -%}
{%- endmacro %}
