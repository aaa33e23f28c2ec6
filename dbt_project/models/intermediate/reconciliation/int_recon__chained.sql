{{ config(meta={'touched': 'all'}) }}
-- Where the balance of an account stops being the one before it plus what moved. What an account comes
-- to less all that moved is the same for as long as no line is missing, too many or of another amount;
-- where it changes for good is the first line that does not follow. A provider may book a few lines
-- in another order than it counts them: what is as before again within two days was never lost.
with

levels as (

    select *, balance_amount - moved_amount as level_amount
    from {{ ref('int_recon__lined') }}
    where balance_amount is not null

),

spaced as (

    select
        *,
        case when lag(posted_at) over same_level >= {{ add_minutes('posted_at', '-1 * '
            ~ threshold('balance_settling_minutes')) }} then 0 else 1 end as is_new_stretch
    from levels
    window same_level as (
        partition by account_id, currency_code, level_amount order by line_place
    )

),

stretched as (

    select
        *,
        sum(is_new_stretch) over (
            partition by account_id, currency_code, level_amount order by line_place
            rows between unbounded preceding and current row
        ) as stretch_number
    from spaced

),

stretches as (

    select
        account_id,
        currency_code,
        level_amount,
        stretch_number,
        min(line_place) as first_place,
        max(line_place) as last_place
    from stretched
    group by account_id, currency_code, level_amount, stretch_number

),

reached as (

    select
        *,
        coalesce(max(last_place) over (
            partition by account_id, currency_code order by first_place
            rows between unbounded preceding and 1 preceding
        ), 0) as reached_place
    from stretches

),

lasting as (

    select
        *,
        level_amount - lag(level_amount) over (
            partition by account_id, currency_code order by first_place
        ) as gap_amount
    from reached
    where last_place > reached_place

),

firsts as (

    select
        lasting.account_id,
        lasting.currency_code,
        lasting.gap_amount,
        min(stretched.line_place) as line_place
    from lasting
    inner join stretched
        on lasting.account_id = stretched.account_id
        and lasting.currency_code = stretched.currency_code
        and lasting.level_amount = stretched.level_amount
        and lasting.stretch_number = stretched.stretch_number
        and lasting.reached_place < stretched.line_place
    where lasting.gap_amount <> 0
    group by lasting.account_id, lasting.currency_code, lasting.first_place, lasting.gap_amount

)

select
    lines.line_id,
    lines.account_id,
    lines.account_id || '|' || lines.posted_date as match_key,
    lines.currency_code,
    lines.party,
    lines.shop_id,
    lines.posted_at,
    lines.posted_date,
    lines.amount,
    lines.balance_amount,
    cast(coalesce(firsts.gap_amount, 0) as decimal(18, 4)) as gap_amount,
    lines.known_at,
    lines.line_place,
    files.file_name,
    lines.row_number
from {{ ref('int_recon__lined') }} as lines
left join firsts
    on lines.account_id = firsts.account_id
    and lines.currency_code = firsts.currency_code
    and lines.line_place = firsts.line_place
left join {{ ref('int_files__named') }} as files on lines.file_id = files.file_id
