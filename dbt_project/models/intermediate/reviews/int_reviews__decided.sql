-- One row per order that reached review or confirmation: what review asked and who decided.
with

hits as (

    select
        order_id,
        max(case effect when 'block' then 3 when 'hold' then 2 else 1 end) as effect_rank
    from {{ ref('int_reviews__evaluated') }}
    group by order_id

),

verdicts as (

    select order_id, event_at as decided_at, event_known_at as known_at,
        event_code = 'review_passed' as is_pass
    from {{ ref('stg_fulfilment_events') }}
    where event_code in ('review_passed', 'hold_released') and {{ touched('order_id') }}
    union all
    select order_id, decided_at, decided_known_at as known_at, verb = 'review_pass' as is_pass
    from {{ ref('int_decisions__kept') }}
    where verb in ('review_pass', 'release_hold') and not is_undone

),

passes as (

    select
        order_id,
        min(decided_at) as passed_at,
        {{ first_by('known_at', ['decided_at', 'known_at']) }} as passed_known_at
    from verdicts
    where is_pass
    group by order_id

),

final as (

    select
        entered.order_id,
        entered.is_reviewed,
        entered.is_cod,
        entered.entered_at,
        entered.entered_known_at,
        case hits.effect_rank when 3 then 'block' when 2 then 'hold' when 1 then 'manual' end
            as effect,
        passes.passed_at,
        passes.passed_known_at,
        case
            when hits.order_id is null then entered.entered_at
            when passes.passed_at is not null then greatest(passes.passed_at, entered.entered_at)
        end as confirmed_at,
        case
            when hits.order_id is null then entered.entered_known_at
            else greatest(passes.passed_known_at, entered.entered_known_at)
        end as confirmed_known_at,
        hits.order_id is not null
            and (passes.passed_at is null or passes.passed_at > entered.entered_at) as is_pending
    from {{ ref('int_orders__entered') }} as entered
    left join hits on entered.order_id = hits.order_id
    left join passes on entered.order_id = passes.order_id

)

select * from final
