{{ config(materialized='ephemeral') }}
-- Somebody speaks of an order that no channel has sent.
with

unowned as (

    select
        order_id,
        min(channel) as channel,
        min(shop_id) as shop_id,
        min(ingested_at) as seen_at,
        {{ first_by('event_id', ['ingested_at', 'occurred_at', 'event_id']) }} as event_id,
        max(case when event_type = 'STATEMENT_LINE' then amount end) as at_risk_amount,
        max(currency_code) as currency_code,
        count(*) as event_count
    from {{ order_log() }}
    where not _has_order
    group by order_id

)

select
    {{ condition('Q01', {
        'entity_id': 'order_id', 'order_id': 'order_id', 'channel': 'channel',
        'shop_id': 'shop_id', 'opened_at': add_minutes('seen_at', threshold('missing_order_minutes')),
        'at_risk_amount': 'at_risk_amount', 'currency_code': 'currency_code',
        'evidence_event_id': 'event_id',
        'facts': facts([["'event_count'", 'event_count', "'>'", '0']])}) }}
from unowned
