{{ config(materialized='ephemeral') }}
-- One difference against a run of the other side: four or more of one payer that follow each other by
-- day and number and come to exactly as much. A run has at most recon_suggest_run_items items within
-- recon_suggest_run_days; two or three are tried in any combination (int_recon__coupled). What is
-- longer or has gaps is left to people.
with

lone as (

    select
        *,
        recon_code || '|' || currency_code || '|' || coalesce(party, '') as account,
        recon_code || '|' || currency_code || '|' || coalesce(party, '') || '|' || side || '|'
            || coalesce(shop_id, '') as stack
    from {{ ref('int_recon__lone') }}
    where amount > 0

),

placed as (

    select
        *,
        row_number() over in_order as place,
        sum(amount) over in_order as so_far_amount
    from lone
    window in_order as (
        partition by stack order by recon_date, match_key, break_id
        rows between unbounded preceding and current row
    )

),

runs as (

    select
        firsts.account,
        firsts.stack,
        firsts.side,
        firsts.shop_id,
        firsts.place as first_place,
        lasts.place as last_place,
        firsts.recon_date as first_date,
        lasts.recon_date as last_date,
        lasts.so_far_amount - firsts.so_far_amount + firsts.amount as amount
    from placed as firsts
    inner join placed as lasts
        on firsts.stack = lasts.stack
        and lasts.place between firsts.place + 3
            and firsts.place + {{ threshold('recon_suggest_run_items') }} - 1
        and {{ days_between('firsts.recon_date', 'lasts.recon_date') }}
            between -{{ threshold('recon_suggest_run_days') }}
            and {{ threshold('recon_suggest_run_days') }}

),

equal_runs as (

    select
        runs.*,
        ones.break_id as one_id,
        greatest(
            abs({{ days_between('ones.recon_date', 'runs.first_date') }}),
            abs({{ days_between('ones.recon_date', 'runs.last_date') }})
        ) as days_apart
    from runs
    inner join lone as ones
        on runs.account = ones.account
        and runs.amount = ones.amount
        and runs.side <> ones.side
        and coalesce(ones.shop_id, runs.shop_id, '') = coalesce(runs.shop_id, ones.shop_id, '')

),

near as (

    select
        *,
        'run|' || one_id || '|' || stack || '|' || cast(first_place as {{ type_text() }}) || '|'
            || cast(last_place as {{ type_text() }}) as set_id
    from equal_runs
    where days_apart <= {{ threshold('recon_suggest_run_days') }}

)

select set_id, one_id as break_id, 1 as member_number, days_apart
from near
union all
select
    near.set_id,
    placed.break_id,
    placed.place - near.first_place + 2 as member_number,
    near.days_apart
from near
inner join placed
    on near.stack = placed.stack
    and placed.place between near.first_place and near.last_place
