{{ config(materialized='ephemeral') }}
-- The buyer has ordered the same for the same money some minutes before; or one order number came with
-- two stories that no time and no version tells apart.
with

suspects as (

    select
        hits.order_id,
        hits.hit_at as opened_at,
        entered.twin_order_id,
        hits.fact_value as twin_minutes,
        hits.threshold_value
    from {{ ref('int_reviews__evaluated') }} as hits
    inner join {{ ref('int_orders__entered') }} as entered on hits.order_id = entered.order_id
    where hits.rule_code = 'RV13'

),

-- Either of the two is cancelled, merged or gone, or somebody said that both are meant.
settled as (

    select suspects.order_id, min(events.occurred_at) as settled_at
    from suspects
    inner join {{ ref('fct_order_events') }} as events
        on events.order_id in (suspects.order_id, suspects.twin_order_id)
        and events.occurred_at >= suspects.opened_at
    where events.event_type in ('ORDER_CANCELLED', 'ORDER_EXPIRED_UNPAID', 'ORDER_MERGED')
        or (events.order_id = suspects.order_id and events.event_type = 'HANDED_OVER')
        or (events.order_id = suspects.order_id and events.event_type = 'HOLD_RELEASED'
            and events.detail_code = 'duplicate')
    group by suspects.order_id

),

told as (

    select
        record_key,
        coalesce(source_sequence, 0) as source_sequence,
        observed_at,
        min(order_id) as order_id,
        max(ingested_at) as opened_at,
        count(distinct coalesce(cast(payable_amount as {{ type_text() }}), '') || '|'
            || coalesce(buyer_id, '') || '|' || coalesce(ship_address_index, '')) as story_count
    from {{ source('records', 'orders') }}
    where {{ visible_records() }} and {{ touched('order_id') }} and not coalesce(is_test, false)
        and record_key in (select record_key from {{ ref('stg_orders') }} where version_count > 1)
    group by record_key, coalesce(source_sequence, 0), observed_at

),

-- A later word of the channel decides between them.
contradicted as (

    select told.*, orders.observed_at > told.observed_at as is_superseded
    from told
    inner join {{ ref('stg_orders') }} as orders on told.record_key = orders.record_key
    where told.story_count > 1

),

found as (

    select
        suspects.order_id,
        1 as episode_number,
        suspects.opened_at,
        settled.settled_at as closed_at,
        {{ facts([
            ["'twin_order_id'", 'suspects.twin_order_id', 'null', 'null'],
            ["'twin_minutes'", 'suspects.twin_minutes', "'>'", 'suspects.threshold_value']]) }}
            as facts
    from suspects
    left join settled on suspects.order_id = settled.order_id
    union all
    select
        order_id,
        2 as episode_number,
        opened_at,
        case when is_superseded then opened_at end as closed_at,
        {{ facts([["'story_count'", 'story_count', "'='", '1']]) }} as facts
    from contradicted

)

select
    {{ condition('Q03', {
        'entity_id': 'found.order_id', 'episode_number': 'found.episode_number',
        'order_id': 'found.order_id', 'channel': 'orders.channel', 'shop_id': 'orders.shop_id',
        'opened_at': 'found.opened_at', 'closed_at': 'found.closed_at',
        'at_risk_amount': 'orders.owed_amount', 'currency_code': 'orders.order_currency_code',
        'facts': 'found.facts'}) }}
from found
inner join {{ ref('int_orders__priced') }} as orders on found.order_id = orders.order_id
