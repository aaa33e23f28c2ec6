{{ config(materialized='ephemeral') }}
-- Several against several: what both sides say of one order under other keys, where it comes to as
-- much. The order is the reference both sides name; sets beyond recon_suggest_run_items are left out.
with

lone as (

    select *, recon_code || '|' || currency_code || '|' || order_id as set_id
    from {{ ref('int_recon__lone') }}
    where order_id is not null

),

shared as (

    select
        set_id,
        sum(case when side = 'left' then amount else -amount end) as rest_amount,
        {{ days_between('min(recon_date)', 'max(recon_date)') }} as days_apart
    from lone
    group by set_id
    having count(distinct side) = 2
        and count(*) <= {{ threshold('recon_suggest_run_items') }}
        and abs(sum(case when side = 'left' then amount else -amount end))
            <= {{ threshold('recon_suggest_rest') }}

)

select
    'order|' || lone.set_id as set_id,
    lone.break_id,
    row_number() over (
        partition by lone.set_id order by lone.side, lone.recon_date, lone.break_id
    ) as member_number,
    shared.rest_amount,
    abs(shared.days_apart) as days_apart
from lone
inner join shared on lone.set_id = shared.set_id
