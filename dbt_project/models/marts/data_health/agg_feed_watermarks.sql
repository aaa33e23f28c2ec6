{{ config(meta={'touched': 'all', 'reads_itself': true}) }}
{%- set times = {
    'orders': 'placed_at', 'order_lines': 'placed_at', 'payments': 'paid_at',
    'refunds': 'refunded_at', 'after_sales': 'event_at', 'shipments': 'shipped_at',
    'shipment_lines': 'shipped_at', 'tracking_events': 'event_at',
    'fulfilment_events': 'event_at', 'stock_movements': 'moved_at',
    'stock_snapshots': 'taken_at', 'settlement_lines': 'posted_at', 'contacts': 'event_at',
    'products': 'listed_at', 'channel_status': 'seen_at', 'decisions': 'decided_at',
    'purchase_orders': 'ordered_at', 'stock_counts': 'event_at',
    'channel_stock': 'published_at', 'kit_components': 'stated_at'} %}
with

-- Records only ever get added: what a feed reached is the higher of before and of the new.
reached as (

    {% for stream, time in times.items() -%}
    select source, shop_id, '{{ stream }}' as stream, max({{ time }}) as watermark_at
    from {{ source('records', stream) }}
    where {{ new_records() if is_incremental() else visible_records() }} and {{ happened(time) }}
    group by source, shop_id
    {{ 'union all' if not loop.last }}
    {% endfor -%}
    {% if is_incremental() -%}
    union all
    select source, shop_id, stream, watermark_at from {{ this }}
    {%- endif %}

),

loaded as (

    select
        loads.source,
        loads.shop_id,
        streams.stream,
        sum(streams.rows) as record_count,
        max(loads.received_at) as last_ingested_at
    from {{ source('ops', 'load_streams') }} as streams
    inner join {{ source('ops', 'loads') }} as loads on streams.load_seq = loads.load_seq
    where loads.{{ visible_records() }}
    group by loads.source, loads.shop_id, streams.stream

),

highest as (

    select source, shop_id, stream, max(watermark_at) as watermark_at
    from reached
    group by source, shop_id, stream

),

final as (

    select
        highest.source,
        highest.shop_id,
        highest.stream,
        highest.watermark_at,
        cast(coalesce(loaded.record_count, 0) as bigint) as record_count,
        loaded.last_ingested_at
    from highest
    left join loaded
        on highest.source = loaded.source
        and highest.shop_id is not distinct from loaded.shop_id
        and highest.stream = loaded.stream

)

select * from final
