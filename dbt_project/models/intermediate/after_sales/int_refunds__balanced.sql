{{ config(materialized='ephemeral') }}
-- One row per payment in and refund out of a touched order, with what stood on its account then. A
-- refund that repeats an earlier one is marked and not counted: it is wrong whatever was paid.
with

-- The source says that the goods are back in stock.
restocked as (

    select resolved_refund_id as refund_id
    from {{ ref('int_refunds__resolved') }}
    where is_restocked
    group by resolved_refund_id

),

moves as (

    select
        log.*,
        log.event_type in ('REFUND_SUCCEEDED', 'CHARGEBACK_CLOSED') as is_refund,
        coalesce(log.case_id, log.line_id) as subject_id,
        restocked.refund_id is not null as is_restocked
    from {{ order_log() }} as log
    inner join {{ ref('int_orders__priced') }} as orders on log.order_id = orders.order_id
    left join restocked on log.entity_id = restocked.refund_id
    where orders.reports_payments
        and (
            log.event_type in (
                'PAYMENT_CAPTURED', 'PAYMENT_TOPUP', 'COD_COLLECTED', 'REFUND_SUCCEEDED')
            or (log.event_type = 'CHARGEBACK_CLOSED' and log.detail_code = 'lost')
        )

),

numbered as (

    select
        *,
        row_number() over alike as alike_number,
        sum(quantity) over alike as alike_quantity,
        sum(amount) over (
            partition by order_id, is_refund, subject_id
            order by occurred_at, event_rank, event_id
            rows between unbounded preceding and current row
        ) as subject_amount
    from moves
    window alike as (
        partition by order_id, is_refund, subject_id, amount
        order by occurred_at, event_rank, event_id
        rows between unbounded preceding and current row
    )

),

-- Twice the same for one case or line, unless pieces or money asked were that many.
judged as (

    select
        numbered.*,
        numbered.is_refund
            and numbered.subject_id is not null
            and numbered.alike_number > 1
            and coalesce(
                numbered.quantity is null
                or numbered.alike_quantity > coalesce(cases.requested_quantity, lines.quantity),
                true)
            and coalesce(numbered.subject_amount > cases.requested_amount, true) as is_repeated
    from numbered
    left join {{ ref('fct_after_sales_cases') }} as cases on numbered.case_id = cases.case_id
    left join {{ ref('int_order_lines__settled') }} as lines on numbered.line_id = lines.line_id

)

select
    *,
    sum(case when is_repeated then 0 when is_refund then amount else -amount end) over so_far
        as over_refunded_amount,
    sum(case when is_refund and not is_repeated then amount else 0 end) over so_far
        as refunded_so_far_amount
from judged
window so_far as (
    partition by order_id order by occurred_at, event_rank, event_id
    rows between unbounded preceding and current row
)
