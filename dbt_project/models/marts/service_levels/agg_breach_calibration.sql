{{ config(meta={'touched': 'all'}) }}
-- The forecast as it would have been `breach_backtest_days` ago, against what came: it learns only from
-- outcomes known by then, and is judged on clocks that started later.
with

split as (

    select {{ add_minutes('max(started_at)', "-1440 * " ~ threshold('breach_backtest_days')) }}
        as split_at
    from {{ ref('int_clocks__outcomes') }}

),

outcomes as (

    select outcomes.*, split.split_at
    from {{ ref('int_clocks__outcomes') }} as outcomes
    cross join split

),

forecast as (

    {{ breach_rates('outcomes', 'known_at < split_at') }}

),

-- A service level, segment or hour the past had not seen is judged by nothing.
judged as (

    select
        forecast.sla_code,
        forecast.tenth,
        forecast.breach_probability,
        count(*) as forecast_count,
        count(*) filter (where outcomes.tenth = 10) as breach_count
    from outcomes
    inner join forecast
        on outcomes.sla_code = forecast.sla_code and outcomes.segment = forecast.segment
        and outcomes.weekday = forecast.weekday and outcomes.day_quarter = forecast.day_quarter
        and outcomes.tenth >= forecast.tenth
    where outcomes.started_at >= outcomes.split_at
    group by
        forecast.sla_code, forecast.segment, forecast.weekday, forecast.day_quarter,
        forecast.tenth, forecast.breach_probability

),

final as (

    select
        sla_code,
        least(9, cast(floor(10 * breach_probability) as integer)) as probability_bin,
        cast(sum(forecast_count) as bigint) as forecast_count,
        cast(sum(breach_count) as bigint) as breach_count,
        cast(sum(forecast_count * breach_probability) / sum(forecast_count) as decimal(9, 6))
            as mean_probability,
        cast(sum(
            breach_count * (1 - breach_probability) * (1 - breach_probability)
            + (forecast_count - breach_count) * breach_probability * breach_probability
        ) / sum(forecast_count) as decimal(9, 6)) as brier_score
    from judged
    group by sla_code, least(9, cast(floor(10 * breach_probability) as integer))

)

select * from final
