{{ config(
    materialized='incremental',
    meta={'new_keys': {'record_key': ['tracking_events', 'orders', 'channel_status']}}) }}
-- One row per record whose code no policy explains.
with

final as (

    select
        'tracking_events' as stream,
        scans.record_key,
        scans.file_id,
        scans.source,
        scans.shop_id,
        scans.carrier as party,
        scans.code_raw as code,
        scans.event_known_at as seen_at
    from {{ ref('stg_tracking_events') }} as scans
    left join (
        select distinct carrier, source, code_raw from {{ ref('int_scans__explained') }}
    ) as states
        on scans.code_raw = states.code_raw
        and states.carrier in (scans.carrier, '*')
        and states.source in (scans.source, '*')
    where states.code_raw is null
    {%- if not is_full() %}
        and scans.record_key in {{ new_keys('tracking_events') }}
    {%- endif %}
    union all
    select
        'orders' as stream,
        orders.record_key,
        orders.file_id,
        orders.source,
        orders.shop_id,
        orders.channel as party,
        orders.status_raw as code,
        orders.ingested_at as seen_at
    from {{ ref('stg_orders') }} as orders
    left join {{ ref('channel_statuses') }} as known
        on orders.channel = known.channel and orders.status_raw = known.status_raw
    left join {{ ref('int_codes__mapped') }} as mapped
        on mapped.stream = 'orders' and orders.channel = mapped.party and orders.status_raw = mapped.code
    where orders.status_raw is not null
        and known.status_raw is null
        and (mapped.code is null
            or mapped.meaning not in (select order_status from {{ ref('channel_statuses') }}))
        and orders.channel in (select channel from {{ ref('channel_statuses') }})
    {%- if not is_full() %}
        and orders.record_key in {{ new_keys('orders') }}
    {%- endif %}
    union all
    select
        'channel_status' as stream,
        shown.record_key,
        shown.file_id,
        shown.source,
        shown.shop_id,
        shown.channel as party,
        shown.status_raw as code,
        shown.seen_known_at as seen_at
    from {{ ref('stg_channel_status') }} as shown
    left join {{ ref('int_channel_status__explained') }} as known
        on shown.channel = known.channel and shown.status_raw = known.status_raw
    where known.status_raw is null
    {%- if not is_full() %}
        and shown.record_key in {{ new_keys('channel_status') }}
    {%- endif %}

)

select * from final
