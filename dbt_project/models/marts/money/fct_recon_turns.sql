{{ config(meta={'touched': touched_reconciliations(lived_reconciliations())}) }}
-- What became of each difference finance decides about: found, waiting, explained, decided, gone, and
-- found again. Queue Q33, the promise S34 and the page of reconciliations read it.
with

keys as (

    select *, {{ break_id() }} as break_id
    from {{ ref('int_recon__keyed') }}
    where recon_code in ('{{ lived_reconciliations() | join("', '") }}')

),

final as (

    select
        turns.break_id,
        cast(turns.turn_number as bigint) as turn_number,
        keys.recon_code,
        keys.match_key,
        keys.order_id,
        keys.party,
        keys.channel,
        keys.shop_id,
        turns.recon_date,
        nullif(keys.currency_code, '') as currency_code,
        turns.state_code,
        turns.break_type,
        case when turns.state_code = 'OPEN' then cast(turns.episode_number as bigint) end
            as episode_number,
        turns.from_at,
        turns.until_at,
        turns.until_state_code,
        -- A difference is as old as the day from which it could be seen; found again, as that.
        case
            when turns.state_code <> 'OPEN' then null
            when turns.is_first then least(turns.business_at, turns.from_at)
            else turns.from_at
        end as seen_at,
        case
            when turns.state_code <> 'OPEN' then null
            when turns.is_first and (turns.break_type = 'TIMING' or turns.is_given_days)
                then least({{ day_end('turns.recon_date', 'turns.suspense_days') }}, turns.from_at)
            when turns.is_first then least(turns.business_at, turns.from_at)
            else turns.from_at
        end as opened_at,
        cast(turns.left_amount as decimal(18, 4)) as left_amount,
        cast(turns.right_amount as decimal(18, 4)) as right_amount,
        cast(turns.difference_amount as decimal(18, 4)) as difference_amount,
        case when turns.is_decision then turns.decision_id end as decision_id,
        case when turns.is_decision then turns.reason_code end as reason_code,
        case when turns.state_code = 'EXPLAINED' and not turns.is_decision
            then turns.explanation_code end as explanation_code,
        case when turns.is_decision then turns.actor_id end as actor_id,
        turns.until_decision_id
    from {{ ref('int_recon__turned') }} as turns
    inner join keys on turns.break_id = keys.break_id

)

select * from final
