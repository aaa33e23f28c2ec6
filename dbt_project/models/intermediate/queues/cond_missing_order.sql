{{ config(materialized='ephemeral') }}
-- Somebody speaks of an order that no channel has sent, or sent too late; ends when it arrives.
with

spoken_of as (

    select
        order_id,
        min(channel) as channel,
        min(shop_id) as shop_id,
        min(ingested_at) as seen_at,
        {{ first_by('event_id', ['ingested_at', 'occurred_at', 'event_id']) }} as event_id,
        max(case when event_type = 'STATEMENT_LINE' then amount end) as at_risk_amount,
        max(currency_code) as currency_code,
        count(*) as event_count,
        bool_or(_has_order) as has_order,
        min(case when event_type in ('ORDER_PLACED', 'ORDER_IMPORTED_MANUAL') then ingested_at end)
            as arrived_at
    from {{ order_log() }}
    group by order_id

),

missed as (

    select *, {{ add_minutes('seen_at', threshold('missing_order_minutes')) }} as missing_at
    from spoken_of

)

select
    {{ condition('Q01', {
        'entity_id': 'order_id', 'order_id': 'order_id', 'channel': 'channel',
        'shop_id': 'shop_id', 'opened_at': 'missing_at', 'closed_at': 'arrived_at',
        'at_risk_amount': 'at_risk_amount', 'currency_code': 'currency_code',
        'evidence_event_id': 'event_id',
        'facts': facts([["'event_count'", 'event_count', "'>'", '0']])}) }}
from missed
where not has_order or arrived_at > missing_at
