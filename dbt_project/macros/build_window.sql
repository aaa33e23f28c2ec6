{# True when everything is folded anew: asked for, or the model does not exist yet. #}
{% macro is_full() %}
    {{ return(var('is_full') or flags.FULL_REFRESH) }}
{% endmacro %}

{# The build's loads as literals, so that scans of records skip the rows of other loads (a scalar
   subquery would not be pushed into the scan). Who has read ops.build_window hands it over in the
   variables; else it is read here, once for each time it is asked for. #}
{% macro build_window() %}
    {% if var('to_seq', none) is not none %}
        {{ return({'from_seq': var('from_seq'), 'to_seq': var('to_seq')}) }}
    {% endif %}
    {% if not execute or flags.WHICH not in ('run', 'build', 'test') %}
        {{ return({'from_seq': 0, 'to_seq': 9223372036854775807}) }}
    {% endif %}
    {% set rows = run_query("select from_seq, to_seq from " ~ source('ops', 'build_window')).rows %}
    {% if rows | length != 1 %}
        {% do exceptions.raise_compiler_error("ops.build_window must hold exactly one row") %}
    {% endif %}
    {{ return({'from_seq': rows[0][0], 'to_seq': rows[0][1]}) }}
{% endmacro %}

{# Records this build may see at all. #}
{% macro visible_records() -%}
    load_seq <= {{ build_window().to_seq }}
{%- endmacro %}

{# Records that are new in this build. #}
{% macro new_records() -%}
    {%- set window = build_window() -%}
    load_seq > {{ window.from_seq }} and load_seq <= {{ window.to_seq }}
{%- endmacro %}

{# How far the facts reach that were there after a load: the newest moment at which any of the streams
   that always flow was told. Time that passed in the house is time we have facts of: a build of the
   same facts ends at the same moment, whenever it runs. #}
{% macro told_until(seq) -%}
    (select max(told_at) from (
        {%- for stream in ['orders', 'payments', 'fulfilment_events', 'tracking_events',
            'channel_status'] %}
        select max(ingested_at) as told_at from {{ source('records', stream) }}
        where load_seq <= {{ seq }}{{ ' union all' if not loop.last }}
        {%- endfor %}
    ) as newest)
{%- endmacro %}

{# What had happened by the `as_of` of the build; an unknown time counts as happened. #}
{% macro happened(column) -%}
    {%- if var('as_of') -%}
        ({{ column }} is null or {{ column }} <= timestamp '{{ var('as_of') }}')
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
