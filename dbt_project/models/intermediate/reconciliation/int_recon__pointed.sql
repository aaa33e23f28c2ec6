-- One row per break that has a life and moment at which one of its sides changed, or had to be there:
-- what both came to from then on. The order is that in which we were told.
with

items as (

    select
        lived.break_id,
        {% for column in ['side', 'amount', 'known_at', 'item_at', 'is_due', 'due_at',
            'missed_from_at'] -%}
        stated.{{ column }},
        {% endfor -%}
        cast(null as timestamp) as until_at
    from {{ ref('int_recon__lived') }} as lived
    inner join {{ ref('int_recon__stated') }} as stated
        on lived.recon_code = stated.recon_code
        and lived.match_key = stated.match_key
        and lived.currency_code = stated.currency_code
    union all
    select break_id, side, amount, known_at, item_at, is_due, due_at, missed_from_at, until_at
    from {{ ref('int_recon__superseded') }}

),

timed as (

    select
        *,
        greatest(known_at, missed_from_at) as seen_at,
        -- From when on what is missing is not only late; some is given its days and no more.
        case
            when is_due is null then known_at
            when due_at is not null then greatest(known_at, due_at)
        end as missed_at
    from items

),

-- An item is there, the other side has had its time, it is no longer only late, it is superseded.
moves as (

    {% for moment, sign, waiting, undue in [
        ('known_at', 1, 1, 1), ('least(seen_at, until_at)', 0, -1, 0),
        ('least(missed_at, until_at)', 0, 0, -1), ('until_at', -1, 0, 0)] -%}
    select
        break_id,
        {{ moment }} as point_at,
        case when side = 'left' then amount else 0 end * {{ sign }} as left_amount,
        case when side = 'right' then amount else 0 end * {{ sign }} as right_amount,
        case when side = 'left' then 1 else 0 end * {{ sign }} as left_count,
        case when side = 'right' then 1 else 0 end * {{ sign }} as right_count,
        {{ waiting }} as waiting_count,
        {{ undue }} as undue_count,
        case when is_due is null then 1 else 0 end * {{ sign }} as given_days_count,
        case when side = 'right' and {{ sign }} = 1 then item_at end as right_at
    from timed
    where {{ moment }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

summed as (

    select
        break_id,
        point_at,
        {% for column in ['left_amount', 'right_amount', 'left_count', 'right_count',
            'waiting_count', 'undue_count', 'given_days_count'] -%}
        sum({{ column }}) as {{ column }},
        {% endfor -%}
        max(right_at) as right_at
    from moves
    group by break_id, point_at

),

final as (

    select
        break_id,
        point_at,
        {% for column in ['left_amount', 'right_amount', 'left_count', 'right_count',
            'waiting_count', 'undue_count', 'given_days_count'] -%}
        sum({{ column }}) over so_far as {{ column }},
        {% endfor -%}
        max(right_at) over so_far as last_right_at
    from summed
    window so_far as (
        partition by break_id order by point_at
        rows between unbounded preceding and current row
    )

)

select * from final
