{{ config(materialized='ephemeral') }}
-- Events of after-sales cases and of refunds.
with

case_orders as (

    select case_id, min(order_id) as order_id
    from {{ ref('stg_after_sales') }}
    group by case_id

),

steps as (

    select cases.*, types.event_type
    from {{ ref('stg_after_sales') }} as cases
    inner join {{ ref('event_codes') }} as types
        on types.record_stream = 'after_sales' and cases.case_step = types.record_code
    where {{ touched('cases.order_id') }}

),

refunds as (

    select
        refunds.*,
        types.event_type,
        coalesce(refunds.order_id, case_orders.order_id) as resolved_order_id
    from {{ ref('stg_refunds') }} as refunds
    inner join {{ ref('event_codes') }} as types
        on types.record_stream = 'refunds' and refunds.refund_status = types.record_code
    left join case_orders on refunds.case_id = case_orders.case_id
    where {{ touched('coalesce(refunds.order_id, case_orders.order_id)') }}

),

-- Several things may close a case; the first one does, if the case was ever opened.
moves as (

    select case_id, event_type, event_at as moved_at, record_key from steps
    union all
    select case_id, event_type, refunded_at, record_key from refunds where case_id is not null

),

bounds as (

    select
        case_id,
        min(case when event_type = 'AS_REQUESTED' then record_key end) as opening_key,
        {{ first_by(
            'record_key', ["event_type not in ('AS_CLOSED', 'AS_REJECTED', 'AS_WITHDRAWN', "
                ~ "'REFUND_SUCCEEDED', 'EXCHANGE_SHIPPED', 'REPAIR_DONE')", 'moved_at',
                'record_key']) }} as closing_key
    from moves
    group by case_id
    having min(case when event_type = 'AS_REQUESTED' then record_key end) is not null

)

select
    {{ logged('event_type', 'event_at', 'event_known_at', "'case'", 'steps.case_id', {
        'line_id': 'line_id', 'case_id': 'steps.case_id', 'case_delta': case_delta('steps'), 'sku': 'sku', 'amount': 'amount',
        'currency_code': 'currency_code', 'quantity': 'quantity', 'actor_id': 'actor_id',
        'actor_type': "case when case_step in ('requested', 'withdrawn', 'return_shipped')
            then 'customer' else 'staff' end",
        'detail_code': 'case_kind'}) }}
from steps
left join bounds on steps.case_id = bounds.case_id
union all
select
    {{ logged('event_type', 'refunded_at', 'refunded_known_at', "'refund'", 'refund_id', {
        'order_id': 'resolved_order_id', 'line_id': 'line_id', 'case_id': 'refunds.case_id',
        'sku': 'sku', 'case_delta': case_delta('refunds'),
        'amount': 'amount', 'currency_code': 'currency_code', 'quantity': 'quantity',
        'detail_code': 'refund_kind'}) }}
from refunds
left join bounds on refunds.case_id = bounds.case_id
where resolved_order_id is not null
