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
            'lone_type', 'tolerance_amount', 'amount_break_type', 'smallest_right_amount',
            'largest_right_amount', 'suspense_days'] -%}
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

final as (

    select
        *,
        {{ recon_break_type() }} as break_type,
        row_number() over (partition by break_id order by point_at) as point_number
    from compared

)

select * from final
