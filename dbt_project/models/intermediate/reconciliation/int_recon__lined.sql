{{ config(materialized='ephemeral') }}
-- Lines of accounts that state a balance, in the order of the account. Rows of one moment are in the
-- order of their file; some files begin with the newest row, which their own balances tell. A line
-- that several files bring is one line.
with

lines as (

    {% for model, id, at, place in [
        ('stg_bank_lines', 'bank_line_id', 'booked_at', '1'),
        ('stg_account_lines', 'account_line_id', 'posted_at',
            "case balance_kind when 'opening' then 0 when 'closing' then 2 else 1 end")] -%}
    select
        coalesce(account_id, shop_id || '@' || source) as account_id,
        {{ id }} as line_id,
        {{ at }} as posted_at,
        {{ place }} as place,
        amount,
        balance_amount,
        currency_code,
        {{ 'provider' if model == 'stg_account_lines' else 'source' }} as party,
        shop_id,
        valued_known_at as known_at,
        file_id,
        row_number
    from {{ ref(model) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

stated as (

    select
        *,
        count(balance_amount) over (partition by account_id, currency_code) as balance_count,
        min(posted_at) over (partition by file_id, account_id, currency_code) as file_from_at,
        lag(balance_amount) over in_file as above_balance_amount,
        lag(amount) over in_file as above_amount
    from lines
    window in_file as (
        partition by file_id, account_id, currency_code, posted_at order by row_number, line_id
    )

),

directed as (

    select
        *,
        case when sum(case
            when balance_amount = above_balance_amount + amount then 1
            when above_balance_amount = balance_amount + above_amount then -1
            else 0 end) over (partition by file_id, account_id, currency_code) < 0
            then -row_number else row_number end as file_place
    from stated
    where balance_count > 0

)

select
    *,
    {{ reporting_date('posted_at') }} as posted_date,
    row_number() over account_order as line_place,
    sum(amount) over account_order as moved_amount
from directed
window account_order as (
    partition by account_id, currency_code
    order by posted_at, place, file_from_at, file_id, file_place, line_id
    rows between unbounded preceding and current row
)
