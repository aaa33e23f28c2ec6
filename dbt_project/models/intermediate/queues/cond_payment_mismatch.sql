{{ config(materialized='ephemeral') }}
-- What was captured is not what was to be paid, or it was captured twice.
with

refunded as (

    select order_id, max(occurred_at) as refunded_at
    from {{ order_log() }}
    where event_type = 'REFUND_SUCCEEDED'
        or (event_type = 'CHARGEBACK_CLOSED' and detail_code = 'lost')
    group by order_id

),

mismatched as (

    select
        breaks.*,
        -- What is short of the whole price is so once the rest was to be paid.
        case when breaks.difference_amount > 0 and breaks.left_amount > priced.deposit_amount
            then greatest(folded.last_paid_at, priced.rest_due_at)
            else folded.last_paid_at end as differs_at,
        folded.last_paid_at,
        folded.capture_count,
        folded.order_status in ('CANCELLED', 'EXPIRED')
            and folded.refunded_amount >= folded.captured_amount as is_undone,
        -- What was paid too much has been given back, and perhaps more.
        folded.captured_amount - folded.refunded_amount
            <= breaks.left_amount + {{ var('payment_tolerance') }}
        and folded.captured_amount > breaks.left_amount as is_settled
    from {{ ref('fct_recon_breaks') }} as breaks
    inner join {{ ref('int_orders__folded') }} as folded on breaks.order_id = folded.order_id
    inner join {{ ref('int_orders__priced') }} as priced on breaks.order_id = priced.order_id
    left join {{ ref('int_orders__presold') }} as presold on breaks.order_id = presold.order_id
    where breaks.recon_code = 'RC1'
        -- A deposit without its rest is a case of those who wait for it (Q04).
        and not (
            breaks.difference_amount > 0
            and coalesce(
                folded.captured_amount <= priced.deposit_amount + {{ var('payment_tolerance') }}, false
            )
            and coalesce(presold.deposit_paid_at < presold.rest_due_at, false)
        )
        and breaks.break_type in ('AMOUNT_DIFF', 'DUPLICATE')
        and {{ touched('breaks.match_key') }}

)

select
    {{ condition('Q06', {
        'entity_id': 'mismatched.order_id', 'order_id': 'mismatched.order_id', 'channel': 'channel',
        'shop_id': 'shop_id', 'opened_at': 'differs_at',
        'closed_at': 'case when is_undone or is_settled then refunded_at end',
        'at_risk_amount': 'abs(difference_amount)', 'currency_code': 'currency_code',
        'facts': facts([
            ["'payable_amount'", 'left_amount', "'='", 'right_amount'],
            ["'captured_amount'", 'right_amount', "'='", 'left_amount'],
            ["'capture_count'", 'capture_count', "'<='", '1']])}) }}
from mismatched
left join refunded on mismatched.order_id = refunded.order_id
where not (is_undone or is_settled) or refunded.refunded_at > last_paid_at
