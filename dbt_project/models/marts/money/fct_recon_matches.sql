{{ config(meta={'touched': touched_reconciliations()}) }}
with

matched as (

    select * from {{ ref('int_recon__keyed') }} where is_matched

),

several as (

    select * from matched where left_count > 1 or right_count > 1

),

-- Only keys with several items need their items: one by one they stand beside each other, and
-- what is left over stands alone.
items as (

    select
        stated.*,
        row_number() over (
            partition by stated.recon_code, stated.match_key, stated.currency_code, stated.side
            order by stated.item_at, stated.item_id
        ) as item_number
    from {{ ref('int_recon__stated') }} as stated
    inner join several
        on stated.recon_code = several.recon_code
        and stated.match_key = several.match_key
        and stated.currency_code = several.currency_code

),

numbered as (

    select
        recon_code,
        match_key,
        currency_code,
        item_number,
        max(case when side = 'left' then item_id end) as left_id,
        max(case when side = 'right' then item_id end) as right_id,
        max(case when side = 'left' then amount end) as left_amount,
        max(case when side = 'right' then amount end) as right_amount
    from items
    group by recon_code, match_key, currency_code, item_number

),

pairs as (

    select
        recon_code,
        match_key,
        currency_code,
        unit_code,
        order_id,
        recon_date,
        cast(1 as bigint) as item_number,
        case when difference_amount = 0 then 1 else 2 end as match_pass,
        left_id,
        right_id,
        left_amount,
        right_amount
    from matched
    where left_count = 1 and right_count = 1
    union all
    select
        numbered.recon_code,
        numbered.match_key,
        numbered.currency_code,
        several.unit_code,
        several.order_id,
        several.recon_date,
        numbered.item_number,
        3 as match_pass,
        numbered.left_id,
        numbered.right_id,
        numbered.left_amount,
        numbered.right_amount
    from numbered
    inner join several
        on numbered.recon_code = several.recon_code
        and numbered.match_key = several.match_key
        and numbered.currency_code = several.currency_code

),

final as (

    select
        recon_code,
        md5(recon_code || '|' || match_key || '|' || currency_code) as match_id,
        item_number,
        match_pass,
        left_id,
        right_id,
        match_key,
        order_id,
        recon_date,
        unit_code,
        nullif(currency_code, '') as currency_code,
        cast(left_amount as decimal(18, 4)) as left_amount,
        cast(right_amount as decimal(18, 4)) as right_amount
    from pairs

)

select * from final
