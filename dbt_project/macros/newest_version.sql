{# The newest version of each record of a stream.
   Winner: (source_sequence, observed_at, record_hash), highest first; never by arrival. Its lineage
   is the earliest delivery of the same hash. `known` maps a name to columns: <name>_known_at is the
   first delivery of any version that already stated those values, so that what was known at a
   moment survives later versions. `stated` maps a name to a condition on `version`: <name>_stated_at
   is the first delivery of any version in which it holds, null where it never did. With `codes`,
   what names the goods in a row, its `sku` is the one people said it stands for.
   Most keys have one version: only the others are ranked. #}
{% macro newest_version(stream, columns, event_time, known={}, stated={}, codes=none) %}
{%- set records = source('records', stream) -%}
{%- set envelope = [
    'record_key', 'record_hash', 'source', 'channel', 'shop_id', 'source_sequence', 'observed_at',
    'ingested_at', 'file_id', 'row_number', 'byte_from', 'byte_to'] -%}
{%- set names = envelope + columns -%}
{%- set scope = visible_records() -%}
{%- if is_incremental() -%}
    {%- set scope = scope ~ ' and ' ~ few_rows(records, 'record_key', new_keys(stream)) -%}
{%- endif -%}
with

repeated_keys as (

    select record_key
    from {{ records }}
    where {{ scope }}
    group by record_key
    having count(*) > 1

),

ranked_versions as (

    select
        {{ names | join(', ') }},
        row_number() over (
            partition by record_key
            order by source_sequence desc nulls last, observed_at desc nulls last, record_hash desc
        ) as version_rank,
        row_number() over (
            partition by record_key, record_hash
            order by ingested_at, file_id, row_number
        ) as lineage_rank
    from {{ records }}
    where {{ scope }} and record_key in (select record_key from repeated_keys)

),

winners as (

    select {{ names | join(', ') }} from ranked_versions where version_rank = 1

),

first_known as (

    select
        winners.record_key,
        {%- for name, stated in known.items() %}
        min(case when {% for column in stated %}
            ranked_versions.{{ column }} is not distinct from winners.{{ column }}
            {%- if not loop.last %} and {% endif %}{% endfor %}
            then ranked_versions.ingested_at end) as {{ name }}_known_at,
        {%- endfor %}
        {%- for name, condition in stated.items() %}
        min(case when {{ condition | replace('version.', 'ranked_versions.') }}
            then ranked_versions.ingested_at end) as {{ name }}_stated_at,
        {%- endfor %}
        min(ranked_versions.ingested_at) as first_stated_at,
        count(*) as version_count
    from winners
    inner join ranked_versions on winners.record_key = ranked_versions.record_key
    group by winners.record_key

),

final as (

    select
        {{ names | join(', ') }},
        {%- for name in known %}
        ingested_at as {{ name }}_known_at,
        {%- endfor %}
        {%- for name, condition in stated.items() %}
        case when {{ condition | replace('version.', 'records.') }} then ingested_at end
            as {{ name }}_stated_at,
        {%- endfor %}
        {%- if stated %}
        ingested_at as first_stated_at,
        {%- endif %}
        cast(1 as bigint) as version_count
    from {{ records }} as records
    where {{ scope }} and {{ happened(event_time) }}
        and not exists (
            select 1 from repeated_keys where repeated_keys.record_key = records.record_key
        )
    union all
    select
        {%- for name in names %}
        {{ 'winners' if name in ('source_sequence', 'observed_at') else 'versions' }}.{{ name }},
        {%- endfor %}
        {%- for name in known %}
        first_known.{{ name }}_known_at,
        {%- endfor %}
        {%- for name in stated %}
        first_known.{{ name }}_stated_at,
        {%- endfor %}
        {%- if stated %}
        first_known.first_stated_at,
        {%- endif %}
        first_known.version_count
    from winners
    inner join ranked_versions as versions
        on winners.record_key = versions.record_key
        and winners.record_hash = versions.record_hash
        and versions.lineage_rank = 1
    inner join first_known on winners.record_key = first_known.record_key
    where {{ happened('versions.' ~ event_time) }}

)

{% if codes -%}
select
    {%- for name in names if name != 'sku' %}
    final.{{ name }},
    {%- endfor %}
    {%- for name in known %}
    final.{{ name }}_known_at,
    {%- endfor %}
    {%- for name in stated %}
    {% if name == 'sku' %}coalesce(final.sku_stated_at, mapped.mapped_at) as sku_stated_at
    {%- else %}final.{{ name }}_stated_at{% endif %},
    {%- endfor %}
    {%- if stated %}
    final.first_stated_at,
    {%- endif %}
    final.version_count,
    final.sku as shop_sku,
    coalesce(mapped.sku, final.sku) as sku,
    mapped.mapped_at
from final
left join {{ mapped_skus() }} as mapped
    on final.shop_id = mapped.shop_id and {{ codes }} = mapped.shop_sku
{%- else -%}
select * from final
{%- endif %}
{% endmacro %}
