{{ config(materialized='ephemeral') }}
-- What an order and its marketplace differ in, as parts of one case: whatever the components, it is
-- open for as long as one of them is, and opens again when one is found later.
with

turns as (

    select *, {{ break_case_id() }} as case_id
    from {{ ref('fct_recon_turns') }}
    where state_code = 'OPEN'

),

marked as (

    select
        *,
        case when from_at < max(coalesce(until_at, timestamp '9999-01-01')) over (
            partition by case_id order by from_at, break_id
            rows between unbounded preceding and 1 preceding
        ) then 0 else 1 end as is_new
    from turns
    where case_id <> break_id

),

numbered as (

    select
        *,
        sum(is_new) over (
            partition by case_id order by from_at, break_id
            rows between unbounded preceding and current row
        ) as case_number
    from marked

),

parted as (

    select
        *,
        split_part(match_key, '|', 2) as sku,
        split_part(match_key, '|', 3) as component_code,
        max(from_at) over (partition by case_id, case_number, break_id) as last_from_at,
        count(*) over (partition by case_id, case_number)
            - count(until_at) over (partition by case_id, case_number) as open_count
    from numbered

)

select * from parted
