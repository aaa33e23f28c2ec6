{{ config(materialized='ephemeral') }}
-- What an item of a break was said to be before it was said otherwise: its earlier amounts, each from
-- the first time we were told until the next. What several records come to counts from when all of
-- them were told. An old version that comes late changes nothing.
with

items as (

    select lived.break_id, stated.*
    from {{ ref('int_recon__lived') }} as lived
    inner join {{ ref('int_recon__stated') }} as stated
        on lived.recon_code = stated.recon_code
        and lived.match_key = stated.match_key
        and lived.currency_code = stated.currency_code

),

told as (

    select
        items.break_id,
        items.side,
        items.item_id,
        items.known_at as settled_at,
        told.amount - coalesce(lag(told.amount) over (
            partition by items.break_id, items.side, items.item_id, told.record_key
            order by told.known_at, told.amount
        ), 0) as change_amount,
        told.known_at,
        min(told.known_at) over (
            partition by items.break_id, items.side, items.item_id, told.record_key
        ) as first_known_at
    from items
    inner join {{ ref('int_recon__respoken') }} as told
        on items.recon_code = told.recon_code
        and items.side = told.side
        and items.item_id = told.item_id
        and items.match_key = told.match_key
        and items.currency_code = told.currency_code

),

whole as (

    select
        *,
        greatest(known_at, max(first_known_at) over (
            partition by break_id, side, item_id
        )) as stood_from_at
    from told

),

-- Only what was told before it was told as it is.
changes as (

    select break_id, side, item_id, stood_from_at, sum(change_amount) as change_amount
    from whole
    where stood_from_at < settled_at
    group by break_id, side, item_id, stood_from_at

),

earlier as (

    select
        changes.break_id,
        changes.side,
        changes.item_id,
        changes.stood_from_at as known_at,
        sum(changes.change_amount) over (
            partition by changes.break_id, changes.side, changes.item_id
            order by changes.stood_from_at
            rows between unbounded preceding and current row
        ) as amount,
        items.known_at as settled_at,
        items.item_at,
        items.is_due,
        -- What was due at once was so from when it was told.
        case when items.due_at = items.known_at then changes.stood_from_at
            else items.due_at end as due_at,
        case when items.due_at = items.known_at and items.side = 'right'
            then changes.stood_from_at else items.missed_from_at end as missed_from_at
    from changes
    inner join items
        on changes.break_id = items.break_id
        and changes.side = items.side
        and changes.item_id = items.item_id

)

select
    break_id,
    side,
    cast(amount as decimal(18, 4)) as amount,
    known_at,
    item_at,
    is_due,
    due_at,
    missed_from_at,
    coalesce(
        lead(known_at) over (partition by break_id, side, item_id order by known_at),
        settled_at
    ) as until_at
from earlier
