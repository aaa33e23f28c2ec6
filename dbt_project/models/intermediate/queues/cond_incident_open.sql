{{ config(materialized='ephemeral') }}
-- Something went wrong inside the house and is not settled: an error to report, remedy and review, a
-- matter between departments to plan and close.
with

steps as (

    {% for source, of_order in [(order_log(), 'order_id'), (ref('fct_entity_events'), 'null')] -%}
    select
        entity_id,
        cast({{ of_order }} as {{ type_text() }}) as order_id,
        shop_id,
        event_type,
        detail_code,
        occurred_at,
        event_rank,
        event_id
    from {{ source }}
    where entity_type = 'incident'
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

incidents as (

    select
        entity_id,
        min(order_id) as order_id,
        min(shop_id) as shop_id,
        min(case when event_type in (
            'OPERATOR_ERROR_FOUND', 'OPERATOR_ERROR_REPORTED', 'ISSUE_RAISED',
            'SUDDEN_EVENT_ANNOUNCED') then occurred_at end) as told_at,
        -- That it happened opens it where nobody says when it was found.
        min(case when event_type = 'OPERATOR_ERROR_OCCURRED' then occurred_at end) as happened_at,
        max(case when event_type = 'OPERATOR_ERROR_FOUND' then 1 else 0 end) as is_found,
        min(case when event_type in ('INCIDENT_REVIEWED', 'INCIDENT_CLOSED') then occurred_at end)
            as closed_at,
        {{ first_by('event_id', ['occurred_at', 'event_rank', 'event_id']) }} as event_id,
        {{ first_by('detail_code', ['detail_code is null', 'occurred_at', 'event_id']) }}
            as incident_kind,
        {{ last_by('event_type', ['occurred_at', 'event_rank', 'event_id']) }} as last_step,
        max(case when event_type = 'SUDDEN_EVENT_ANNOUNCED' then 1 else 0 end) as is_sudden
    from steps
    group by entity_id

),

opened as (

    select
        incidents.*,
        case when is_found = 1 then told_at else least(told_at, happened_at) end as opened_at
    from incidents

),

deadlines as (

    select entity_id, min(case when _ended_at is null then due_at end) as due_at
    from {{ ref('fct_sla_clocks') }}
    where sla_code in ('S30', 'S31') and (order_id is null or {{ touched('order_id') }})
    group by entity_id

)

select
    {{ condition('Q35', {
        'entity_id': 'incidents.entity_id', 'order_id': 'incidents.order_id',
        'channel': 'orders.channel', 'shop_id': 'coalesce(orders.shop_id, incidents.shop_id)',
        'opened_at': 'incidents.opened_at', 'closed_at': 'incidents.closed_at',
        'due_at': 'deadlines.due_at', 'at_risk_amount': 'orders.owed_amount',
        'currency_code': 'orders.order_currency_code', 'evidence_event_id': 'incidents.event_id',
        'started_at': 'incidents.opened_at',
        'severity': 'case when incidents.is_sudden = 1 then 1 end',
        'facts': facts([
            ["'incident_kind'", 'incidents.incident_kind', 'null', 'null'],
            ["'event_type'", 'incidents.last_step', 'null', 'null']])}) }}
from opened as incidents
left join deadlines on incidents.entity_id = deadlines.entity_id
left join {{ ref('int_orders__priced') }} as orders on incidents.order_id = orders.order_id
where incidents.opened_at is not null
