{{ config(materialized='ephemeral') }}
-- One row per moment at which the state of a break may change: a side changed, somebody decided, or
-- what they decided ceased to hold. Each has what both sides come to and what holds by then.
with

compared as (

    select * from {{ ref('int_recon__compared') }}

),

drifts as (

    select group_id, min(drifted_at) as drifted_at
    from {{ ref('int_recon__decided') }}
    group by group_id

),

decided as (

    select
        decisions.*,
        drifts.drifted_at as released_at,
        lead(decisions.decided_at) over (
            partition by decisions.break_id order by decisions.decided_at, decisions.decision_id
        ) as next_decided_at
    from {{ ref('int_recon__decided') }} as decisions
    inner join drifts on decisions.group_id = drifts.group_id
    where decisions.break_id in (select break_id from compared)

),

marks as (

    select break_id, point_at as marked_at, 1 as mark_rank, '' as decision_id from compared
    union all
    select break_id, decided_at as marked_at, 2 as mark_rank, decision_id from decided
    union all
    -- It ceases to hold before what changes; at the earliest after it was decided.
    select
        break_id,
        released_at as marked_at,
        case when released_at > decided_at then 0 else 3 end as mark_rank,
        decision_id
    from decided
    where released_at is not null
        and state_code <> 'OPEN'
        and (next_decided_at is null or next_decided_at > released_at)

),

numbered as (

    select
        *,
        row_number() over marks_so_far as mark_number,
        sum(case when mark_rank = 1 then 1 else 0 end) over marks_so_far as point_number,
        max(case when mark_rank <> 1 then
            lpad(cast({{ epoch_us('marked_at') }} as {{ type_text() }}), 17, '0')
            || cast(mark_rank as {{ type_text() }}) || decision_id end
        ) over marks_so_far as last_decision
    from marks
    window marks_so_far as (
        partition by break_id order by marked_at, mark_rank, decision_id
        rows between unbounded preceding and current row
    )

)

select
    numbered.break_id,
    numbered.mark_number,
    numbered.marked_at,
    {% for column in ['recon_date', 'party', 'left_amount', 'right_amount', 'difference_amount',
        'break_type', 'right_count', 'last_right_at', 'suspense_days', 'explanation_code'] -%}
    compared.{{ column }},
    {% endfor -%}
    compared.is_lone and compared.given_days_count > 0 as is_given_days,
    numbered.mark_rank <> 1 as is_decision,
    decided.decision_id,
    decided.reason_code,
    decided.actor_id,
    case
        -- Somebody saw it open, whatever we are told of it now.
        when numbered.mark_rank = 2 and decided.state_code <> 'OPEN' then decided.state_code
        when coalesce(compared.difference_amount, 0) = 0 or compared.is_matched then 'CLOSED'
        when substr(numbered.last_decision, 18, 1) = '2' and decided.state_code <> 'OPEN'
            then decided.state_code
        -- Who takes up again what a known reason accounts for knows better.
        when compared.explanation_code is not null
            and not coalesce(
                substr(numbered.last_decision, 18, 1) = '2' and decided.state_code = 'OPEN', false
            ) then 'EXPLAINED'
        when compared.is_lone and compared.waiting_count > 0 and not compared.is_other_currency
            then 'SUSPENSE'
        else 'OPEN'
    end as state_code
from numbered
left join compared
    on numbered.break_id = compared.break_id and numbered.point_number = compared.point_number
left join decided on substr(numbered.last_decision, 19) = decided.decision_id
