{{ config(meta={'touched': [
    {'grain': 'orders', 'key': 'match_key', 'where': "recon_code = 'RC1'"},
    {'grain': 'payments', 'key': 'match_key', 'where': "recon_code = 'RC2'"}]}) }}
with

items as (

    select * from {{ ref('int_recon__paired') }} where is_matched

),

-- Item n of one side stands beside item n of the other; what is left over stands alone.
final as (

    select
        coalesce(l.recon_code, r.recon_code) as recon_code,
        md5(
            coalesce(l.recon_code, r.recon_code) || '|' || coalesce(l.match_key, r.match_key)
            || '|' || coalesce(l.currency_code, r.currency_code)
        ) as match_id,
        coalesce(l.item_number, r.item_number) as item_number,
        case
            when coalesce(l.left_count, r.left_count) > 1
                or coalesce(l.right_count, r.right_count) > 1 then 3
            when coalesce(l.difference_amount, r.difference_amount) <> 0 then 2
            else 1
        end as match_pass,
        l.item_id as left_id,
        r.item_id as right_id,
        coalesce(l.match_key, r.match_key) as match_key,
        coalesce(l.recon_date, r.recon_date) as recon_date,
        coalesce(l.currency_code, r.currency_code) as currency_code,
        cast(l.amount as decimal(18, 4)) as left_amount,
        cast(r.amount as decimal(18, 4)) as right_amount
    from (select * from items where side = 'left') as l
    full outer join (select * from items where side = 'right') as r
        on l.recon_code = r.recon_code
        and l.match_key = r.match_key
        and l.currency_code = r.currency_code
        and l.item_number = r.item_number

)

select * from final
