-- One row per touched key of a reconciliation: what each side comes to, and the verdict.
with

grouped as (

    select
        recon_code,
        match_key,
        currency_code,
        count(*) filter (where side = 'left') as left_count,
        count(*) filter (where side = 'right') as right_count,
        sum(case when side = 'left' then amount else 0 end) as left_amount,
        sum(case when side = 'right' then amount else 0 end) as right_amount,
        min(case when side = 'left' then item_id end) as left_id,
        min(case when side = 'right' then item_id end) as right_id,
        max(case when side = 'right' then amount end) as largest_right_amount,
        min(case when side = 'right' then amount end) as smallest_right_amount,
        coalesce(
            min(case when side = 'left' then item_date end), min(item_date)
        ) as recon_date,
        max(case when side = 'right' then item_at end) as last_right_at,
        min(case when side = 'left' then item_at end) as first_left_at,
        max(order_id) as order_id,
        coalesce(max(case when side = 'left' then channel end), max(channel)) as channel,
        coalesce(max(case when side = 'left' then shop_id end), max(shop_id)) as shop_id,
        max(party) as party,
        bool_and(is_due) as is_due,
        max(lone_type) as lone_type,
        max(known_at) as last_known_at,
        min(seen_at) as first_seen_at
    from {{ ref('int_recon__stated') }}
    group by recon_code, match_key, currency_code

),

final as (

    select
        grouped.*,
        definitions.tolerance_amount,
        definitions.tolerance_ratio,
        definitions.suspense_days,
        definitions.amount_break_type,
        definitions.excess_break_type,
        case definitions.unit when 'money' then grouped.currency_code else definitions.unit end
            as unit_code,
        -- The other currency of the same key has what this one lacks.
        count(*) over (partition by grouped.recon_code, grouped.match_key) > 1
            and least(grouped.left_count, grouped.right_count) = 0 as is_other_currency,
        grouped.left_amount - grouped.right_amount as difference_amount,
        grouped.left_count > 0
            and grouped.right_count > 0
            and abs(grouped.left_amount - grouped.right_amount) <= greatest(
                definitions.tolerance_amount,
                definitions.tolerance_ratio * abs(grouped.left_amount)
            ) as is_matched
    from grouped
    inner join {{ ref('recon_definitions') }} as definitions
        on grouped.recon_code = definitions.recon_code and definitions.is_active

)

select * from final
