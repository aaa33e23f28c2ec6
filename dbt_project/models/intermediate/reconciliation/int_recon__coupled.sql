{{ config(materialized='ephemeral') }}
-- Differences that may be the same thing under two keys: one on either side, or one against two or
-- three of the other side whose sum it is. Of the other side only the nearest by date are tried.
with

lone as (

    select * from {{ ref('int_recon__lone') }}

),

near as (

    select
        ones.break_id as one_id,
        others.break_id as other_id,
        ones.side,
        ones.amount as one_amount,
        others.amount as other_amount,
        abs({{ days_between('ones.recon_date', 'others.recon_date') }}) as days_apart,
        levenshtein(ones.match_key, others.match_key) as key_distance
    from lone as ones
    inner join lone as others
        on ones.recon_code = others.recon_code
        and ones.currency_code = others.currency_code
        and ones.side <> others.side
        and coalesce(ones.shop_id, others.shop_id, '') = coalesce(others.shop_id, ones.shop_id, '')

),

parts as (

    select
        *,
        row_number() over (
            partition by one_id order by days_apart, other_id
        ) as part_number
    from near
    where days_apart <= {{ threshold('recon_suggest_days') }}
        and other_amount > 0
        and other_amount < one_amount - {{ threshold('recon_suggest_rest') }}

),

few as (

    select * from parts where part_number <= {{ threshold('recon_suggest_group_items') }}

),

found as (

    select
        one_id,
        other_id as second_id,
        cast(null as {{ type_text() }}) as third_id,
        cast(null as {{ type_text() }}) as fourth_id,
        one_amount - other_amount as rest_amount,
        days_apart,
        key_distance
    from near
    where side = 'left'
        and abs(one_amount - other_amount) <= {{ threshold('recon_suggest_rest') }}
        and (
            days_apart <= {{ threshold('recon_suggest_days') }}
            or key_distance <= {{ threshold('recon_suggest_key_distance') }}
        )
    union all
    select
        a.one_id,
        a.other_id as second_id,
        b.other_id as third_id,
        c.other_id as fourth_id,
        a.one_amount - a.other_amount - b.other_amount - coalesce(c.other_amount, 0)
            as rest_amount,
        greatest(a.days_apart, b.days_apart, coalesce(c.days_apart, 0)) as days_apart,
        cast(null as bigint) as key_distance
    from few as a
    inner join few as b on a.one_id = b.one_id and a.part_number < b.part_number
    left join (
        select one_id, part_number, other_id, other_amount, days_apart from few
        union all
        -- Nobody is the third of two.
        select one_id, 1000000 as part_number, null as other_id, 0 as other_amount, 0 as days_apart
        from few
        where part_number = 1
    ) as c
        on a.one_id = c.one_id and b.part_number < c.part_number
    where abs(a.one_amount - a.other_amount - b.other_amount - coalesce(c.other_amount, 0))
        <= {{ threshold('recon_suggest_rest') }}

)

select * from found
