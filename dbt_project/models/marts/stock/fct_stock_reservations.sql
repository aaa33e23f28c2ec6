{{ config(meta={'touched': 'orders'}) }}
with

final as (

    select
        line_id,
        order_id,
        line_number,
        channel,
        shop_id,
        sku,
        kit_sku,
        warehouse_id,
        case when order_status = 'CONFIRMED' then 'hard' else 'soft' end as reservation_type,
        cast(quantity as decimal(18, 4)) as quantity,
        cast(case when is_ended then 0 else open_quantity end as decimal(18, 4)) as open_quantity,
        placed_at as reserved_at,
        {{ add_minutes('placed_at', 'case when is_promoted then '
            ~ threshold('promo_reservation_minutes') ~ ' else ' ~ threshold('expiry_minutes')
            ~ ' end') }} as expires_at,
        confirmed_at as hardened_at,
        stated_at,
        released_at,
        case when is_ended then out_at end as ended_at,
        case when not is_ended and quantity > open_quantity then out_at end as _parted_at,
        cast(1 as bigint) as priority_number,
        paid_at,
        not is_ended and (order_status = 'CONFIRMED' or not is_released)
            and (freed_at is null or freed_until_at is not null) as is_active,
        is_held,
        case
            when order_status in ('CANCELLED', 'EXPIRED') and stated_at is not null
                and (not is_released or released_at > out_at) then out_at
        end as orphaned_at,
        is_released as _is_released,
        freed_at,
        freed_until_at
    from {{ ref('int_stock__wanted') }}
    where warehouse_id is not null

)

select * from final
