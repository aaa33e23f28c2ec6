{{ config(meta={'touched': 'all'}) }}
-- How far the feeds reach that would have told a clock's end: a deadline after that is not broken, it
-- is not known. Of several feeds the one that is furthest behind counts.
with

reached as (

    select
        events.source,
        events.shop_id,
        events.detail_code as layout,
        events.entity_id as feed_id,
        max(events.occurred_at) as received_at
    from {{ ref('fct_entity_events') }} as events
    where events.event_type = 'FEED_RECEIVED'
    group by events.source, events.shop_id, events.detail_code, events.entity_id

),

final as (

    select
        asked.sla_code,
        reached.shop_id,
        min(reached.received_at) as known_until_at,
        {{ first_by('reached.feed_id', ['reached.received_at', 'reached.feed_id']) }} as feed_id
    from reached
    inner join {{ ref('feed_schedules') }} as schedules
        on reached.source = schedules.source and reached.layout = schedules.layout
    inner join {{ ref('sla_feeds') }} as asked
        on '|' || schedules.streams || '|' like '%|' || asked.stream || '|%'
    group by asked.sla_code, reached.shop_id

)

select * from final
