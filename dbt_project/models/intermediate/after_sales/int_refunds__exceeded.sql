{{ config(materialized='ephemeral') }}
-- One row per spell in which more had gone back than was paid, and per refund made twice, until money
-- came in that makes up for it.
with

account as (

    select * from {{ ref('int_refunds__balanced') }}

),

turns as (

    select
        *,
        over_refunded_amount > {{ var('payment_tolerance') }} as is_over,
        lag(over_refunded_amount > {{ var('payment_tolerance') }}) over (
            partition by order_id order by occurred_at, event_rank, event_id
        ) as was_over
    from account

),

over_refunds as (

    select
        *,
        row_number() over (
            partition by order_id, is_over order by occurred_at, event_rank, event_id
        ) as episode_number,
        lead(occurred_at) over (
            partition by order_id order by occurred_at, event_rank, event_id
        ) as recovered_at
    from turns
    where is_over <> coalesce(was_over, false)

),

repeats as (

    select * from account where is_repeated

),

-- Money that came in after a repeated refund, until it makes up for it.
paid_again as (

    select
        repeats.event_id,
        repeats.amount,
        account.occurred_at,
        sum(account.amount) over (
            partition by repeats.event_id
            order by account.occurred_at, account.event_rank, account.event_id
            rows between unbounded preceding and current row
        ) as paid_amount
    from repeats
    inner join account
        on repeats.order_id = account.order_id and not account.is_refund
        and account.occurred_at > repeats.occurred_at

),

recovered as (

    select event_id, min(occurred_at) as recovered_at
    from paid_again
    where paid_amount >= amount - {{ var('payment_tolerance') }}
    group by event_id

)

select order_id, 'order' as entity_type, order_id as entity_id, episode_number,
    'over_refund' as anomaly, occurred_at as opened_at, recovered_at as closed_at,
    over_refunded_amount as amount, event_id
from over_refunds
where is_over
union all
select repeats.order_id, 'refund' as entity_type, repeats.entity_id, 1 as episode_number,
    'double_refund' as anomaly, repeats.occurred_at as opened_at,
    recovered.recovered_at as closed_at, repeats.amount, repeats.event_id
from repeats
left join recovered on repeats.event_id = recovered.event_id
