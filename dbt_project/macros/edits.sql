{# Fields of a record whose text differs from the version before: one row a field and moment. Versions
   follow one another as staging ranks them; what says no moment cannot be told apart. Few records
   change what is bought or where it goes: only those are put in order. #}
{% macro changes_between(stream, fields) %}
    {%- set records = source('records', stream) -%}
    select order_id, edited_at, known_at, field, told, told_before
    from (
        select
            versions.order_id,
            versions.observed_at as edited_at,
            versions.ingested_at as known_at,
            fields.field,
            case fields.field
                {%- for field in fields %}
                when '{{ field }}' then versions.{{ field }}_text
                {%- endfor %}
            end as told,
            lag(case fields.field
                {%- for field in fields %}
                when '{{ field }}' then versions.{{ field }}_text
                {%- endfor %}
            end) over (
                partition by versions.record_key, fields.field
                order by versions.source_sequence nulls first, versions.observed_at,
                    versions.record_hash
            ) as told_before
        from (
            select
                record_key, record_hash,
                min(order_id) as order_id,
                min(source_sequence) as source_sequence,
                min(observed_at) as observed_at,
                min(ingested_at) as ingested_at,
                {% for field, text in fields.items() -%}
                min({{ text }}) as {{ field }}_text{{ ',' if not loop.last }}
                {% endfor %}
            from {{ records }}
            where {{ visible_records() }} and observed_at is not null
                and record_key in (
                    select record_key from {{ records }}
                    where {{ visible_records() }} and {{ touched('order_id') }}
                        and record_key in (
                            select record_key from {{ ref('stg_' ~ stream) }}
                            where version_count > 1
                        )
                    group by record_key
                    having {% for text in fields.values() -%}
                        min({{ text }}) <> max({{ text }}){{ ' or ' if not loop.last }}
                    {%- endfor %}
                )
            group by record_key, record_hash
        ) as versions
        cross join (
            {% for field in fields -%}
            select '{{ field }}' as field{{ ' union all ' if not loop.last }}
            {%- endfor %}
        ) as fields
    ) as compared
    where told <> told_before
{% endmacro %}
