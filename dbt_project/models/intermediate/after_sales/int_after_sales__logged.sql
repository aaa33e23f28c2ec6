{{ config(materialized='ephemeral') }}
-- Events of after-sales cases and of refunds.
with

steps as (

    select * from {{ ref('int_cases__stepped') }}
    union all
    select * from {{ ref('int_cases__decided') }}

),

refunds as (

    select
        refunds.*,
        case when refunds.is_time_stated = false
            then greatest(refunds.refunded_at, timed.refunded_at) else refunds.refunded_at
        end as happened_at,
        case
            when refunds.stated_refund_kind = 'compensation'
                and refunds.refund_status = 'succeeded' then 'COMPENSATION_PAID'
            else types.event_type
        end as event_type
    from {{ ref('int_refunds__resolved') }} as refunds
    inner join {{ ref('event_codes') }} as types
        on types.record_stream = 'refunds' and refunds.refund_status = types.record_code
    left join {{ ref('int_refunds__timed') }} as timed
        on refunds.resolved_order_id = timed.order_id
    where refunds.resolved_order_id is not null and {{ touched('refunds.resolved_order_id') }}
        -- A bank's decision is not a refund of ours: see int_chargebacks__logged.
        and coalesce(refunds.stated_refund_kind, '') <> 'chargeback'

),

-- Several things may close a case; the first one does, if the case was ever opened.
moves as (

    select case_id, event_type, event_at as moved_at, record_key from steps
    union all
    select resolved_case_id, event_type, happened_at, record_key from refunds

),

bounds as (

    select
        case_id,
        min(case when event_type = 'AS_REQUESTED' then record_key end) as opening_key,
        {{ first_by(
            'record_key', ["event_type not in ('" ~ closing_events() | join("', '") ~ "')",
                'moved_at', 'record_key']) }} as closing_key
    from moves
    where case_id is not null
    group by case_id
    having min(case when event_type = 'AS_REQUESTED' then record_key end) is not null

)

select
    {{ logged('event_type', 'event_at', 'event_known_at', "'case'", 'coalesce(steps.case_id, record_key)', {
        'line_id': 'line_id', 'case_id': 'steps.case_id', 'case_delta': case_delta('steps'), 'sku': 'sku', 'amount': 'amount',
        'currency_code': 'currency_code', 'quantity': 'quantity', 'actor_id': 'actor_id',
        'actor_type': 'actor_type', 'warehouse_id': 'warehouse_id',
        'detail_code': 'detail_code'}) }}
from steps
left join bounds on steps.case_id = bounds.case_id
union all
select
    {{ logged('event_type', 'happened_at', 'refunded_known_at', "'refund'", 'resolved_refund_id', {
        'order_id': 'resolved_order_id', 'line_id': 'line_id', 'case_id': 'resolved_case_id',
        'sku': 'sku', 'case_delta': case_delta('refunds'),
        'amount': 'amount', 'currency_code': 'currency_code', 'quantity': 'quantity',
        'detail_code': 'stated_refund_kind'}) }}
from refunds
left join bounds on refunds.resolved_case_id = bounds.case_id
