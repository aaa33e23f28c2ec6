{{ config(materialized='ephemeral') }}
-- Money went back that should not have: more than was paid, twice, for a return nobody asked for or
-- whose goods stayed away, or for a parcel that is on its way all the same.
with

account as (

    select * from {{ ref('int_refunds__balanced') }}

),

returned as (

    select
        order_id,
        case_id,
        min(occurred_at) as returned_at
    from {{ order_log() }}
    where event_type = 'RETURN_RECEIVED' and coalesce(detail_code, '') <> 'wrong_item'
    group by order_id, case_id

),

anomalies as (

    select order_id, entity_type, entity_id, episode_number, anomaly, opened_at, closed_at,
        amount, event_id
    from {{ ref('int_refunds__exceeded') }}
    union all
    select order_id, 'shipment' as entity_type, shipment_id as entity_id,
        row_number() over (partition by shipment_id order by opened_at) as episode_number,
        anomaly, opened_at, closed_at, amount, event_id
    from {{ ref('int_parcels__recalled') }}
    union all
    -- The platform may rule that the goods stay with the buyer.
    select account.order_id, 'case' as entity_type, account.case_id as entity_id,
        1 as episode_number, 'refunded_not_returned' as anomaly,
        {{ add_minutes('min(account.occurred_at)', threshold('refund_return_minutes')) }}
            as opened_at,
        min(returned.returned_at) as closed_at, sum(account.amount) as amount,
        min(account.event_id) as event_id
    from account
    inner join {{ ref('fct_after_sales_cases') }} as cases
        on account.case_id = cases.case_id and cases.case_kind = 'return'
    left join returned on account.case_id = returned.case_id
    where account.is_refund
        and (cases.arbitrated_at is null or cases.arbitrated_at > account.occurred_at)
    group by account.order_id, account.case_id
    union all
    -- Neither a case nor goods explain a refund after delivery.
    select account.order_id, 'refund' as entity_type, account.entity_id, 2 as episode_number,
        'refund_without_case' as anomaly, min(account.occurred_at) as opened_at,
        least(min(cases.requested_at), min(returned.returned_at)) as closed_at,
        max(account.amount) as amount, min(account.event_id) as event_id
    from account
    inner join {{ ref('int_orders__folded') }} as folded
        on account.order_id = folded.order_id and folded.last_delivered_at < account.occurred_at
        and folded.fulfilment_status = 'SHIPPED'
    left join {{ ref('fct_after_sales_cases') }} as cases on account.case_id = cases.case_id
    left join returned on account.order_id = returned.order_id
    where account.detail_code in ('return', 'cancel') and not account.is_restocked
        and (cases.case_id is null or cases.requested_at > account.occurred_at)
    group by account.order_id, account.entity_id

)

select
    {{ condition('Q29', {
        'entity_id': 'anomalies.entity_id', 'entity_type': 'anomalies.entity_type',
        'episode_number': 'anomalies.episode_number', 'order_id': 'anomalies.order_id',
        'channel': 'orders.channel', 'shop_id': 'orders.shop_id',
        'opened_at': 'anomalies.opened_at', 'closed_at': 'anomalies.closed_at',
        'at_risk_amount': 'anomalies.amount', 'currency_code': 'orders.order_currency_code',
        'evidence_event_id': 'anomalies.event_id',
        'facts': facts([["'refund_anomaly'", 'anomalies.anomaly', 'null', 'null']])}) }}
from anomalies
inner join {{ ref('int_orders__priced') }} as orders on anomalies.order_id = orders.order_id
where anomalies.closed_at is null or anomalies.closed_at > anomalies.opened_at
