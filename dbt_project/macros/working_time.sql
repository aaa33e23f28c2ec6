{# Open minutes of a calendar up to a moment, over a joined row of int_calendars__accumulated; for
   the natural clock (no row joined) minutes since 1970. Differences of two are elapsed minutes. #}
{% macro open_minutes(day, at) -%}
    coalesce(
        {{ day }}.minutes_before + greatest(0, least(
            {{ day }}.open_minutes, {{ minutes_between(day ~ '.open_from_at', at) }}
        )),
        {{ minutes_between("timestamp '1970-01-01'", at) }}
    )
{%- endmacro %}

{# Joins the calendar day of a moment; the natural clock joins nothing. #}
{% macro join_calendar(alias, calendar_code, at) -%}
    left join {{ ref('int_calendars__accumulated') }} as {{ alias }}
        on {{ alias }}.calendar_code = {{ calendar_code }}
        and {{ at }} >= {{ alias }}.day_from_at
        and {{ at }} < {{ alias }}.day_to_at
{%- endmacro %}

{# The moment at which a calendar has been open for so many minutes: on a joined row whose minutes
   hold the number. The natural clock counts from the moment given. #}
{% macro moment_of(day, minutes, natural_from, natural_minutes) -%}
    case
        when {{ day }}.calendar_code is not null
            then {{ add_minutes(day ~ '.open_from_at', minutes ~ ' - ' ~ day ~ '.minutes_before') }}
        else {{ add_minutes(natural_from, natural_minutes) }}
    end
{%- endmacro %}

{# Joins the day on which a calendar reaches a number of open minutes. #}
{% macro join_calendar_minutes(alias, calendar_code, minutes) -%}
    left join {{ ref('int_calendars__accumulated') }} as {{ alias }}
        on {{ alias }}.calendar_code = {{ calendar_code }}
        and {{ minutes }} > {{ alias }}.minutes_before
        and {{ minutes }} <= {{ alias }}.minutes_before + {{ alias }}.open_minutes
{%- endmacro %}
