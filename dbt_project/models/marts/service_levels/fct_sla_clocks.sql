{{ config(meta={'touched': [
    {'grain': 'orders'}, {'grain': 'all', 'where': 'order_id is null'}]}) }}
with

warned as (

    select
        *,
        budget_minutes + paused_minutes as due_minutes,
        -- What is given on top moves the warning along with the deadline.
        cast(coalesce(warn_minutes * multiplier,
            (budget_minutes - coalesce(extended_minutes, 0)) * warn_ratio) as bigint)
            + coalesce(extended_minutes, 0) + paused_minutes as warn_after_minutes
    from {{ ref('int_clocks__budgeted') }}

),

started as (

    select
        warned.*,
        {{ open_minutes('start_day', 'warned.started_at') }} as start_minutes
    from warned
    {{ join_calendar('start_day', 'warned.calendar_code', 'warned.started_at') }}

),

-- While a clock is paused nobody can say when it will be due.
final as (

    select
        md5(
            started.sla_code || '|' || started.entity_type || '|' || started.entity_id || '|'
            || cast(started.episode_number as {{ type_text() }})
        ) as clock_id,
        started.sla_code,
        started.entity_type,
        started.entity_id,
        started.order_id,
        started.episode_number,
        started.channel,
        started.shop_id,
        started.started_at,
        case when not started.is_paused then
            {{ moment_of('warn_day', 'started.start_minutes + started.warn_after_minutes',
                'started.started_at', 'started.warn_after_minutes') }} end as warn_at,
        case when not started.is_paused then
            {{ moment_of('due_day', 'started.start_minutes + started.due_minutes',
                'started.started_at', 'started.due_minutes') }} end as due_at,
        started.stopped_at,
        started.cancelled_at,
        started.ended_at as _ended_at,
        started.paused_minutes,
        started.budget_minutes,
        coalesce(started.extended_minutes, 0) as extended_minutes,
        started.start_event_id,
        started.stop_event_id
    from started
    {{ join_calendar_minutes('warn_day', 'started.calendar_code',
        'started.start_minutes + started.warn_after_minutes') }}
    {{ join_calendar_minutes('due_day', 'started.calendar_code',
        'started.start_minutes + started.due_minutes') }}

)

select * from final
