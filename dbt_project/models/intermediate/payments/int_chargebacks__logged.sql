{{ config(materialized='ephemeral') }}
-- Money a buyer had the bank take back, in the shape of the order log: opened when it is asked for,
-- closed when it was won or lost. Where nobody tells of the dispute itself, the lines of the provider's
-- bill do: taken from us when it opens, given back to us when we won.
with

disputes as (

    select
        *,
        case refund_status when 'requested' then 'CHARGEBACK_OPENED'
            when 'succeeded' then 'CHARGEBACK_CLOSED'
            when 'rejected' then 'CHARGEBACK_CLOSED' end as event_type,
        case refund_status when 'succeeded' then 'lost' when 'rejected' then 'won' end as outcome
    from {{ ref('int_refunds__resolved') }}
    where stated_refund_kind = 'chargeback' and resolved_order_id is not null
        and {{ touched('resolved_order_id') }}

),

booked as (

    select *
    from {{ ref('int_settlement_lines__resolved') }}
    where line_kind = 'chargeback' and gross_amount <> 0 and resolved_order_id is not null
        and {{ touched('resolved_order_id') }}
        and resolved_order_id not in (select resolved_order_id from disputes)

)

select
    {{ logged('event_type', 'refunded_at', 'refunded_known_at', "'chargeback'", 'refund_id', {
        'order_id': 'resolved_order_id', 'amount': 'amount', 'currency_code': 'currency_code',
        'actor_type': "'platform'", 'detail_code': 'outcome'}) }}
from disputes
where event_type is not null
union all
select
    {{ logged("case when gross_amount < 0 then 'CHARGEBACK_OPENED' else 'CHARGEBACK_CLOSED' end",
        'posted_at', 'posted_known_at', "'chargeback'", 'settlement_line_id', {
            'order_id': 'resolved_order_id', 'amount': 'abs(gross_amount)',
            'currency_code': 'currency_code', 'actor_type': "'platform'",
            'detail_code': "case when gross_amount > 0 then 'won' end"}) }}
from booked
