{{ config(meta={'touched': touched_reconciliations()}) }}
with

typed as (

    select
        *,
        case
            when is_other_currency then 'CURRENCY_DIFF'
            when least(left_count, right_count) = 0 and not is_due then 'TIMING'
            when right_count = 0 then coalesce(lone_type, 'LEFT_ONLY')
            when left_count = 0 then coalesce(lone_type, 'RIGHT_ONLY')
            when is_matched then 'ROUNDING'
            when abs(left_amount + right_amount) <= tolerance_amount then 'SIGN_DIFF'
            when right_count > 1 and difference_amount < 0
                and (
                    abs(difference_amount + smallest_right_amount) <= tolerance_amount
                    or abs(difference_amount + largest_right_amount) <= tolerance_amount
                ) then 'DUPLICATE'
            else amount_break_type
        end as break_type
    from {{ ref('int_recon__keyed') }}
    where difference_amount <> 0

),

final as (

    select
        recon_code,
        md5(recon_code || '|' || match_key || '|' || currency_code) as break_id,
        break_type,
        match_key,
        order_id,
        party,
        recon_date,
        unit_code,
        nullif(currency_code, '') as currency_code,
        cast(left_amount as decimal(18, 4)) as left_amount,
        cast(right_amount as decimal(18, 4)) as right_amount,
        cast(difference_amount as decimal(18, 4)) as difference_amount,
        case
            when break_type = 'TIMING' or (least(left_count, right_count) = 0 and is_due is null)
                then {{ day_end('recon_date', 'suspense_days') }}
            when right_count = 0 and recon_code = 'RC1' then first_left_at
            when right_count = 0 then {{ day_end('recon_date', '0') }}
            else last_right_at
        end as opened_at,
        channel,
        shop_id
    from typed

)

select * from final
