{{ config(meta={'touched': touched_reconciliations()}) }}
with

typed as (

    select
        *,
        {{ recon_break_type() }} as break_type
    from {{ ref('int_recon__keyed') }}
    where difference_amount <> 0

),

named as (

    select
        *,
        {{ break_id() }} as break_id,
        case
            when break_type = 'TIMING' or (least(left_count, right_count) = 0 and is_due is null)
                then {{ day_end('recon_date', 'suspense_days') }}
            when right_count = 0 and recon_code = 'RC1' then first_left_at
            when right_count = 0 then {{ day_end('recon_date', '0') }}
            else last_right_at
        end as opened_at,
        case when right_count = 0 then {{ day_end('recon_date', '0') }} else last_right_at end
            as seen_at
    from typed

),

-- What has become of it by the last of all facts.
turns as (

    select * from {{ ref('fct_recon_turns') }} where until_at is null

),

final as (

    select
        named.recon_code,
        named.break_id,
        named.break_type,
        named.match_key,
        named.order_id,
        named.party,
        named.recon_date,
        named.unit_code,
        nullif(named.currency_code, '') as currency_code,
        cast(named.left_amount as decimal(18, 4)) as left_amount,
        cast(named.right_amount as decimal(18, 4)) as right_amount,
        cast(named.difference_amount as decimal(18, 4)) as difference_amount,
        coalesce(turns.opened_at, named.opened_at) as opened_at,
        named.channel,
        named.shop_id,
        case
            when named.break_type = 'ROUNDING' then 'EXPLAINED'
            else coalesce(turns.state_code, 'OPEN')
        end as state_code,
        coalesce(turns.seen_at, named.seen_at) as seen_at,
        turns.from_at as state_from_at,
        turns.episode_number,
        turns.decision_id,
        case when named.break_type = 'ROUNDING' then 'TOLERANCE' else turns.explanation_code end
            as explanation_code
    from named
    left join turns on named.break_id = turns.break_id

)

select
    *,
    cast(case when state_code in ('OPEN', 'SUSPENSE') then 0 else difference_amount end
        as decimal(18, 4)) as explained_amount,
    cast(case when state_code in ('OPEN', 'SUSPENSE') then difference_amount else 0 end
        as decimal(18, 4)) as unexplained_amount,
    {{ break_case_id() }} as case_id
from final
