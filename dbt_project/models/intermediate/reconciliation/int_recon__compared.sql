{{ config(materialized='ephemeral') }}
-- What the two sides of a break came to at each of its moments: whether they agreed, and what the
-- difference was called then.
with

keys as (

    select *, {{ break_id() }} as break_id
    from {{ ref('int_recon__keyed') }}
    where recon_code in ('{{ lived_reconciliations() | join("', '") }}')

),

compared as (

    select
        points.*,
        {% for column in ['recon_code', 'recon_date', 'currency_code', 'party', 'is_other_currency',
            'lone_type', 'tolerance_amount', 'amount_break_type', 'excess_break_type',
            'smallest_right_amount', 'largest_right_amount', 'suspense_days', 'first_left_at'] -%}
        keys.{{ column }},
        {% endfor -%}
        points.left_amount - points.right_amount as difference_amount,
        points.left_count > 0
            and points.right_count > 0
            and abs(points.left_amount - points.right_amount) <= greatest(
                keys.tolerance_amount, keys.tolerance_ratio * abs(points.left_amount)
            ) as is_matched,
        points.undue_count = 0 as is_due,
        least(points.left_count, points.right_count) = 0 as is_lone
    from {{ ref('int_recon__pointed') }} as points
    inner join keys on points.break_id = keys.break_id

),

typed as (

    select
        *,
        {{ recon_break_type() }} as break_type,
        row_number() over (partition by break_id order by point_at) as point_number
    from compared

),

-- Known reasons: the first by its name, if several fit.
known as (

    select
        typed.break_id,
        typed.point_number,
        min(reasons.explanation_code) as explanation_code
    from typed
    inner join {{ ref('recon_explanations') }} as reasons
        on typed.recon_code = reasons.recon_code
        and typed.break_type = reasons.break_type
        and reasons.party in (coalesce(typed.party, ''), '*')
        and reasons.currency_code in (typed.currency_code, '*')
        and typed.recon_date between reasons.valid_from and reasons.valid_to
        and (
            reasons.expected_amount is null
            or abs(
                typed.difference_amount - reasons.expected_amount
                - round(reasons.expected_ratio * typed.left_amount, 2)
            ) <= reasons.tolerance_amount
        )
        and (
            reasons.cutoff_minutes is null
            or {{ add_minutes('typed.first_left_at', 'reasons.cutoff_minutes') }}
                >= {{ day_end('typed.recon_date', '0') }}
        )
    group by typed.break_id, typed.point_number

)

select typed.*, known.explanation_code
from typed
left join known
    on typed.break_id = known.break_id and typed.point_number = known.point_number
