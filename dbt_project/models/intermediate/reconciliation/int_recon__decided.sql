{{ config(
    materialized='incremental',
    meta={'touched': touched_reconciliations(lived_reconciliations())}) }}
-- What was decided about a break and not taken back, and when it ceased to hold, kept between builds:
-- a decision is made on the amounts both sides had. What was decided together is taken back together
-- and holds together (see int_recon__turned).
with

undone as (

    select coalesce(taken_back.group_id, taken_back.decision_id) as group_id
    from {{ ref('stg_recon_decisions') }} as undoings
    inner join {{ ref('stg_recon_decisions') }} as taken_back
        on undoings.undoes_decision_id = taken_back.decision_id

),

decided as (

    select
        decisions.decision_id,
        coalesce(decisions.group_id, decisions.decision_id) as group_id,
        decisions.break_id,
        decisions.recon_code,
        decisions.match_key,
        decisions.order_id,
        decisions.decided_at,
        case decisions.verb
            when 'match_manually' then 'MATCHED_MANUAL'
            when 'explain_break' then 'EXPLAINED'
            when 'adjust_break' then 'ADJUSTED'
            when 'claim_break' then 'CLAIMED'
            when 'write_off' then 'WRITTEN_OFF'
            else 'OPEN'
        end as state_code,
        decisions.reason_code,
        decisions.actor_id,
        decisions.left_amount,
        decisions.right_amount
    from {{ ref('stg_recon_decisions') }} as decisions
    where decisions.verb in ('match_manually', 'explain_break', 'adjust_break', 'claim_break',
        'write_off', 'reopen_break')
        and coalesce(decisions.group_id, decisions.decision_id) not in (
            select group_id from undone
        )
        and {{ touched_breaks('decisions') }}

),

points as (

    select *, lead(point_at) over (partition by break_id order by point_at) as next_at
    from {{ ref('int_recon__pointed') }}

),

-- Both sides after the decision, and as they are now. What only stood until the next file of the same
-- delivery was no change.
later as (

    select
        decided.decision_id,
        min(
            case when points.point_at > decided.decided_at
                and (points.next_at is null or points.next_at
                    > {{ add_minutes('points.point_at', threshold('recon_settling_minutes')) }})
                and (points.left_amount <> decided.left_amount
                    or points.right_amount <> decided.right_amount)
                then points.point_at end
        ) as drifted_at,
        {{ last_by('points.left_amount', ['points.point_at']) }} as left_amount,
        {{ last_by('points.right_amount', ['points.point_at']) }} as right_amount
    from decided
    inner join points on decided.break_id = points.break_id
    group by decided.decision_id

),

final as (

    select
        decided.*,
        case
            when decided.state_code = 'OPEN' then null
            when later.drifted_at is not null then later.drifted_at
            -- Decided on what was no longer true when it was decided.
            when coalesce(later.left_amount, 0) <> decided.left_amount
                or coalesce(later.right_amount, 0) <> decided.right_amount
                then decided.decided_at
        end as drifted_at
    from decided
    left join later on decided.decision_id = later.decision_id

)

select * from final
