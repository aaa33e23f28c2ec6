-- One row per working calendar and day: its open interval in UTC and the open minutes before it.
with

bounds as (

    select
        calendar_code,
        max(zone) as zone,
        min(first_date) as first_date,
        max(last_date) as last_date
    from {{ ref('calendars') }}
    group by calendar_code

),

days as (

    {{ day_rows('bounds', 'first_date', 'last_date', ['calendar_code', 'zone']) }}

),

opened as (

    select
        days.calendar_code,
        days.day,
        {{ local_to_utc('cast(days.day as timestamp)', 'days.zone') }} as day_from_at,
        {{ local_to_utc(add_minutes('cast(days.day as timestamp)', '1440'), 'days.zone') }}
            as day_to_at,
        {{ local_to_utc(
            add_minutes(
                'cast(days.day as timestamp)',
                'coalesce(holidays.opens_at_minute, weekdays.opens_at_minute, 0)'),
            'days.zone') }} as open_from_at,
        coalesce(holidays.closes_at_minute, weekdays.closes_at_minute, 0)
            - coalesce(holidays.opens_at_minute, weekdays.opens_at_minute, 0) as open_minutes
    from days
    left join {{ ref('calendars') }} as weekdays
        on days.calendar_code = weekdays.calendar_code
        and {{ iso_weekday('days.day') }} = weekdays.iso_weekday
    left join {{ ref('calendar_holidays') }} as holidays
        on days.calendar_code = holidays.calendar_code and days.day = holidays.holiday_date

),

final as (

    select
        calendar_code,
        day,
        day_from_at,
        day_to_at,
        open_from_at,
        cast(open_minutes as bigint) as open_minutes,
        cast(coalesce(sum(open_minutes) over (
            partition by calendar_code order by day
            rows between unbounded preceding and 1 preceding
        ), 0) as bigint) as minutes_before
    from opened

)

select * from final
