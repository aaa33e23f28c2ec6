{# Microseconds since 1970 of a naive UTC timestamp: an exact, ordered number. #}
{% macro epoch_us(at) -%}{{ return(adapter.dispatch('epoch_us', 'orderhouse')(at)) }}{%- endmacro %}
{% macro duckdb__epoch_us(at) -%}epoch_us({{ at }}){%- endmacro %}
{% macro spark__epoch_us(at) -%}unix_micros(cast({{ at }} as timestamp_ltz)){%- endmacro %}

{# Whole minutes from one moment to another; both engines' own functions count differently. #}
{% macro minutes_between(from_at, to_at) -%}
    {{ return(adapter.dispatch('minutes_between', 'orderhouse')(from_at, to_at)) }}
{%- endmacro %}
{% macro duckdb__minutes_between(from_at, to_at) -%}
    date_sub('minute', {{ from_at }}, {{ to_at }})
{%- endmacro %}
{% macro spark__minutes_between(from_at, to_at) -%}
    timestampdiff(minute, {{ from_at }}, {{ to_at }})
{%- endmacro %}

{# A moment some whole minutes later. #}
{% macro add_minutes(at, minutes) -%}
    {{ return(adapter.dispatch('add_minutes', 'orderhouse')(at, minutes)) }}
{%- endmacro %}
{% macro duckdb__add_minutes(at, minutes) -%}
    ({{ at }} + to_minutes(cast({{ minutes }} as bigint)))
{%- endmacro %}
{% macro spark__add_minutes(at, minutes) -%}
    timestampadd(minute, cast({{ minutes }} as bigint), {{ at }})
{%- endmacro %}

{# Naive UTC -> naive local time of a zone; and back. #}
{% macro utc_to_local(at, zone) -%}
    {{ return(adapter.dispatch('utc_to_local', 'orderhouse')(at, zone)) }}
{%- endmacro %}
{% macro duckdb__utc_to_local(at, zone) -%}
    timezone({{ zone }}, timezone('UTC', {{ at }}))
{%- endmacro %}
{% macro spark__utc_to_local(at, zone) -%}
    convert_timezone('UTC', {{ zone }}, {{ at }})
{%- endmacro %}
{% macro local_to_utc(at, zone) -%}
    {{ return(adapter.dispatch('local_to_utc', 'orderhouse')(at, zone)) }}
{%- endmacro %}
{% macro duckdb__local_to_utc(at, zone) -%}
    timezone('UTC', timezone({{ zone }}, {{ at }}))
{%- endmacro %}
{% macro spark__local_to_utc(at, zone) -%}
    convert_timezone({{ zone }}, 'UTC', {{ at }})
{%- endmacro %}

{# The first moment of the month; both engines say it alike. #}
{% macro month_of(at) -%}cast(date_trunc('month', {{ at }}) as timestamp){%- endmacro %}

{# Monday is 1, Sunday is 7. #}
{% macro iso_weekday(day) -%}
    {{ return(adapter.dispatch('iso_weekday', 'orderhouse')(day)) }}
{%- endmacro %}
{% macro duckdb__iso_weekday(day) -%}isodow({{ day }}){%- endmacro %}
{% macro spark__iso_weekday(day) -%}(((dayofweek({{ day }}) + 5) % 7) + 1){%- endmacro %}

{# Relation expression: one row a day, column `day`, for each row of a relation with two dates. #}
{% macro day_rows(relation, first_day, last_day, columns) -%}
    {{ return(adapter.dispatch('day_rows', 'orderhouse')(relation, first_day, last_day, columns)) }}
{%- endmacro %}
{% macro duckdb__day_rows(relation, first_day, last_day, columns) -%}
    select
        {{ columns | join(', ') }},
        cast(unnest(
            generate_series(
                cast({{ first_day }} as timestamp), cast({{ last_day }} as timestamp),
                interval '1' day
            )
        ) as date) as day
    from {{ relation }}
{%- endmacro %}
{% macro spark__day_rows(relation, first_day, last_day, columns) -%}
    select
        {{ columns | join(', ') }},
        explode(
            sequence(cast({{ first_day }} as date), cast({{ last_day }} as date))
        ) as day
    from {{ relation }}
{%- endmacro %}

{# Whole days from one date to another. #}
{% macro days_between(from_date, to_date) -%}
    {{ return(adapter.dispatch('days_between', 'orderhouse')(from_date, to_date)) }}
{%- endmacro %}
{% macro duckdb__days_between(from_date, to_date) -%}
    date_diff('day', {{ from_date }}, {{ to_date }})
{%- endmacro %}
{% macro spark__days_between(from_date, to_date) -%}datediff({{ to_date }}, {{ from_date }}){%- endmacro %}
