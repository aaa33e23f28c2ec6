{{ config(meta={'touched': 'all'}) }}
with

sides as (

    select
        recon_code,
        recon_date,
        unit_code,
        max(currency_code) as currency_code,
        sum(left_count) as left_count,
        sum(left_amount) as left_amount,
        sum(right_count) as right_count,
        sum(right_amount) as right_amount,
        sum(case when is_matched then left_count else 0 end) as matched_count,
        sum(case when is_matched then left_amount else 0 end) as matched_amount
    from {{ ref('int_recon__counted') }}
    group by recon_code, recon_date, unit_code

),

breaks as (

    select
        recon_code,
        recon_date,
        unit_code,
        count(*) as break_count,
        sum(difference_amount) as break_amount,
        sum(explained_amount) as explained_amount,
        sum(unexplained_amount) as unexplained_amount,
        count(*) filter (where unexplained_amount <> 0) as unexplained_count,
        count(*) filter (where state_code = 'MATCHED_MANUAL' and left_amount <> 0)
            as manual_count,
        sum(case when state_code = 'MATCHED_MANUAL' then left_amount else 0 end) as manual_amount
    from {{ ref('fct_recon_breaks') }}
    group by recon_code, recon_date, unit_code

),

final as (

    select
        sides.recon_code,
        sides.recon_date,
        sides.unit_code,
        nullif(sides.currency_code, '') as currency_code,
        cast(sides.left_count as bigint) as left_count,
        cast(sides.left_amount as decimal(18, 4)) as left_amount,
        cast(sides.right_count as bigint) as right_count,
        cast(sides.right_amount as decimal(18, 4)) as right_amount,
        cast(sides.matched_count as bigint) as matched_count,
        cast(sides.matched_amount as decimal(18, 4)) as matched_amount,
        coalesce(breaks.break_count, 0) as break_count,
        cast(coalesce(breaks.break_amount, 0) as decimal(18, 4)) as break_amount,
        cast(coalesce(breaks.explained_amount, 0) as decimal(18, 4)) as explained_amount,
        cast(coalesce(breaks.unexplained_amount, 0) as decimal(18, 4)) as unexplained_amount,
        coalesce(breaks.unexplained_count, 0) as unexplained_count,
        coalesce(breaks.manual_count, 0) as manual_count,
        cast(coalesce(breaks.manual_amount, 0) as decimal(18, 4)) as manual_amount
    from sides
    left join breaks
        on sides.recon_code = breaks.recon_code
        and sides.recon_date = breaks.recon_date
        and sides.unit_code = breaks.unit_code

)

select * from final
