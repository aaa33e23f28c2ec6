-- One row per stretch of a break's life in one state. News that is put right before anybody could have
-- looked is no difference, and what came in its time never was one.
with

marks as (

    select
        *,
        lag(state_code) over (partition by break_id order by mark_number) as state_before
    from {{ ref('int_recon__marked') }}

),

stretched as (

    select
        *,
        sum(case when state_code = state_before then 0 else 1 end) over (
            partition by break_id order by mark_number
            rows between unbounded preceding and current row
        ) as stretch_number
    from marks

),

turns as (

    select
        break_id,
        stretch_number,
        min(state_code) as state_code,
        min(marked_at) as from_at,
        {% for column in ['is_decision', 'decision_id', 'reason_code', 'actor_id', 'recon_date',
            'right_count', 'last_right_at', 'suspense_days'] -%}
        {{ first_by(column, ['mark_number']) }} as {{ column }},
        {% endfor -%}
        {% for column in ['left_amount', 'right_amount', 'difference_amount', 'break_type',
            'is_given_days', 'explanation_code'] -%}
        {{ last_by(column, ['mark_number']) }} as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from stretched
    group by break_id, stretch_number

),

spanned as (

    select
        *,
        lead(state_code) over (partition by break_id order by stretch_number) as next_state_code,
        lead(from_at) over (partition by break_id order by stretch_number) as next_at
    from turns

),

kept as (

    select
        *,
        lag(state_code) over (partition by break_id order by stretch_number) as state_before
    from spanned
    where not (
        coalesce(next_state_code, '') = 'CLOSED'
        and (
            state_code = 'SUSPENSE'
            or (state_code = 'OPEN'
                and next_at <= {{ add_minutes('from_at', threshold('recon_settling_minutes')) }})
        )
    )

),

said as (

    select *, coalesce(state_before, 'SUSPENSE') = 'SUSPENSE' as is_first
    from kept
    where state_code <> 'CLOSED' or coalesce(state_before, 'CLOSED') <> 'CLOSED'

),

final as (

    select
        *,
        row_number() over life as turn_number,
        lead(from_at) over life as until_at,
        lead(state_code) over life as until_state_code,
        lead(case when is_decision then decision_id end) over life as until_decision_id,
        -- What was decided had been open, even if nothing tells of it any more.
        sum(
            case when state_code = 'OPEN'
                or (is_decision and coalesce(state_before, 'CLOSED') = 'CLOSED') then 1 else 0 end
        ) over (
            partition by break_id order by stretch_number
            rows between unbounded preceding and current row
        ) as episode_number,
        case when right_count = 0 then {{ day_end('recon_date', '0') }} else last_right_at end
            as business_at
    from said
    window life as (partition by break_id order by stretch_number)

)

select * from final
