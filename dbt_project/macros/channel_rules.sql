{# Joins the policy of a shop: its own row, else the row of its channel, else the row for any. #}
{% macro join_channels(relation) -%}
    left join {{ ref('channels') }} as shop_rule
        on shop_rule.channel = {{ relation }}.channel and shop_rule.shop_id = {{ relation }}.shop_id
    left join {{ ref('channels') }} as channel_rule
        on channel_rule.channel = {{ relation }}.channel and channel_rule.shop_id = '*'
    inner join {{ ref('channels') }} as any_rule
        on any_rule.channel = '*' and any_rule.shop_id = '*'
{%- endmacro %}

{% macro channel_rule(column) -%}
    coalesce(shop_rule.{{ column }}, channel_rule.{{ column }}, any_rule.{{ column }})
{%- endmacro %}

{# Who bought, across orders: the channel's pseudonym, else the phone's blind index. #}
{% macro buyer_key(relation) -%}
    coalesce(
        {{ relation }}.channel || '|' || {{ relation }}.buyer_id, {{ relation }}.buyer_phone_index
    )
{%- endmacro %}

{# Business day of a moment in the reporting zone. #}
{% macro reporting_date(at) -%}
    cast({{ utc_to_local(at, "'" ~ var('reporting_zone') ~ "'") }} as date)
{%- endmacro %}

{# The moment at which the business month of a moment began. #}
{% macro reporting_month(at) -%}
    {%- set zone = "'" ~ var('reporting_zone') ~ "'" -%}
    {{ local_to_utc(month_of(utc_to_local(at, zone)), zone) }}
{%- endmacro %}

{# One number of the `thresholds` seed. #}
{% macro threshold(code) -%}
    (select threshold_value from {{ ref('thresholds') }} where threshold_code = '{{ code }}')
{%- endmacro %}

{# Lines that are goods to ship, as opposed to charges. #}
{% macro is_goods(relation=none) -%}
    {%- set column = (relation ~ '.' if relation else '') ~ 'line_kind' -%}
    coalesce({{ column }}, 'goods') in ('goods', 'gift')
{%- endmacro %}

{# End of a business day, some days later, as a naive UTC moment. #}
{% macro day_end(day, days_later) -%}
    {{ local_to_utc(
        add_minutes('cast(' ~ day ~ ' as timestamp)', '(1 + ' ~ days_later ~ ') * 1440'),
        "'" ~ var('reporting_zone') ~ "'") }}
{%- endmacro %}
