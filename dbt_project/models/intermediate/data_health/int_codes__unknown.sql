{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='record_key',
    on_schema_change='fail') }}
-- One row per record whose code no policy explains. A later version with a known code replaces it
-- by a row that says so.
with

final as (

    select
        'tracking_events' as stream,
        'tracking_events|' || scans.record_key as record_key,
        scans.file_id,
        scans.source,
        scans.shop_id,
        scans.code_raw as code,
        scans.event_known_at as seen_at,
        states.code_raw is null as is_unknown
    from {{ ref('stg_tracking_events') }} as scans
    left join (
        select distinct carrier, source, code_raw from {{ ref('carrier_state_map') }}
    ) as states
        on scans.code_raw = states.code_raw
        and states.carrier in (scans.carrier, '*')
        and states.source in (scans.source, '*')
    {% if not is_full() -%}
    where scans.record_key in {{ new_keys('tracking_events') }}
    {%- else -%}
    where states.code_raw is null
    {%- endif %}
    union all
    select
        'orders' as stream,
        'orders|' || orders.record_key as record_key,
        orders.file_id,
        orders.source,
        orders.shop_id,
        orders.status_raw as code,
        orders.placed_known_at as seen_at,
        known.status_raw is null and judged.channel is not null as is_unknown
    from {{ ref('stg_orders') }} as orders
    left join (
        select distinct channel from {{ ref('channel_statuses') }}
    ) as judged on orders.channel = judged.channel
    left join {{ ref('channel_statuses') }} as known
        on orders.channel = known.channel and orders.status_raw = known.status_raw
    where orders.status_raw is not null
    {% if not is_full() -%}
        and orders.record_key in {{ new_keys('orders') }}
    {%- else -%}
        and known.status_raw is null and judged.channel is not null
    {%- endif %}

)

select * from final
{% if is_incremental() -%}
where is_unknown or record_key in (select record_key from {{ this }})
{%- endif %}
