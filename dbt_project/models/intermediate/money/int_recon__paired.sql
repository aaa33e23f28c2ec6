-- One row per item of a touched key, with what its key comes to on both sides and the verdict.
with

items as (

    select
        stated.*,
        definitions.tolerance_amount,
        definitions.suspense_days
    from {{ ref('int_recon__stated') }} as stated
    inner join {{ ref('recon_definitions') }} as definitions
        on stated.recon_code = definitions.recon_code and definitions.is_active

),

grouped as (

    select
        recon_code,
        match_key,
        currency_code,
        count(*) filter (where side = 'left') as left_count,
        count(*) filter (where side = 'right') as right_count,
        sum(case when side = 'left' then amount else 0 end) as left_amount,
        sum(case when side = 'right' then amount else 0 end) as right_amount,
        max(case when side = 'right' then amount end) as largest_right_amount,
        min(case when side = 'right' then amount end) as smallest_right_amount,
        coalesce(
            min(case when side = 'left' then item_date end), min(item_date)
        ) as recon_date,
        max(item_at) as last_item_at,
        max(case when side = 'right' then item_at end) as last_right_at,
        min(case when side = 'left' then item_at end) as first_left_at,
        min(case when side = 'left' then item_date end) as first_left_date,
        max(order_id) as order_id,
        coalesce(max(case when side = 'left' then channel end), max(channel)) as channel,
        coalesce(max(case when side = 'left' then shop_id end), max(shop_id)) as shop_id,
        coalesce(bool_and(is_due), true) as is_due,
        max(tolerance_amount) as tolerance_amount,
        max(suspense_days) as suspense_days
    from items
    group by recon_code, match_key, currency_code

),

judged as (

    select
        *,
        left_amount - right_amount as difference_amount,
        left_count > 0 and right_count > 0
            and abs(left_amount - right_amount) <= tolerance_amount as is_matched
    from grouped

),

final as (

    select
        items.recon_code,
        items.side,
        items.item_id,
        items.match_key,
        items.currency_code,
        items.amount,
        row_number() over (
            partition by items.recon_code, items.match_key, items.currency_code, items.side
            order by items.item_at, items.item_id
        ) as item_number,
        {% for column in ['left_count', 'right_count', 'left_amount', 'right_amount',
            'largest_right_amount', 'smallest_right_amount', 'recon_date', 'last_item_at',
            'last_right_at', 'first_left_at', 'first_left_date', 'order_id', 'channel', 'shop_id',
            'is_due', 'tolerance_amount', 'suspense_days', 'difference_amount',
            'is_matched'] -%}
        judged.{{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from items
    inner join judged
        on items.recon_code = judged.recon_code
        and items.match_key = judged.match_key
        and items.currency_code = judged.currency_code

)

select * from final
