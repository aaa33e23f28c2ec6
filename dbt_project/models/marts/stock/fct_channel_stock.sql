{{ config(meta={'touched': 'skus'}) }}
with

shops as (

    select channels.channel, channels.shop_id,
        coalesce(own.channel_ratio, common.channel_ratio) as channel_ratio,
        coalesce(own.buffer_quantity, common.buffer_quantity) as buffer_quantity,
        coalesce(own.safety_quantity, common.safety_quantity) as safety_quantity,
        coalesce(own.excluded_warehouse_id, common.excluded_warehouse_id, '') as excluded_warehouse_id
    from {{ ref('channels') }} as channels
    inner join {{ ref('channel_stock_policies') }} as common
        on common.channel = '*' and common.shop_id = '*'
    left join {{ ref('channel_stock_policies') }} as own
        on channels.channel = own.channel and channels.shop_id = own.shop_id
    where channels.is_stock_tracked and channels.shop_id <> '*' and channels.channel <> 'manual'

),

-- Confirmed, but no house was given it: it lowers what can be promised of the sku, once.
unallocated as (

    select sku, sum(open_quantity) as unallocated_quantity
    from {{ ref('int_stock__unallocated') }}
    group by sku

),

-- Whichever houses give the parts that were sold without one: no more sets than what is left of each
-- part allows in all of them. Without such demand this is never less than the houses say.
ceilings as (

    select sku, shop_id, greatest(min(set_count), 0) as set_quantity
    from (
        select
            kits.kit_sku as sku,
            kits.component_sku,
            shops.shop_id,
            floor((sum(case when positions.warehouse_id <> shops.excluded_warehouse_id
                then greatest(positions.atp_quantity, 0) else 0 end)
                - max(unallocated.unallocated_quantity)) / max(kits.component_quantity)) as set_count
        from {{ ref('stg_kit_components') }} as kits
        inner join unallocated on kits.component_sku = unallocated.sku
        inner join {{ ref('fct_stock_positions') }} as positions on kits.component_sku = positions.sku
        cross join shops
        where kits.component_quantity > 0 and {{ touched('kits.kit_sku', 'skus') }}
        group by kits.kit_sku, kits.component_sku, shops.shop_id
    ) as parts_left
    group by sku, shop_id

),

online as (

    select
        places.sku,
        shops.channel,
        shops.shop_id,
        bool_or(places.is_kit) as is_kit,
        sum(case when places.warehouse_id <> shops.excluded_warehouse_id
            then places.atp_quantity else 0 end) as promised_quantity,
        max(ceilings.set_quantity) as set_quantity,
        coalesce(max(unallocated.unallocated_quantity), 0) as unallocated_quantity,
        max(places.threshold_quantity) + greatest(max(shops.safety_quantity),
            coalesce(max(products.safety_stock_quantity), 0)) as kept_quantity,
        max(shops.channel_ratio) as channel_ratio,
        max(shops.buffer_quantity) as buffer_quantity
    from {{ ref('int_stock__offerable') }} as places
    cross join shops
    left join {{ ref('stg_products') }} as products on places.sku = products.sku
    left join unallocated on places.sku = unallocated.sku
    left join ceilings on places.sku = ceilings.sku and shops.shop_id = ceilings.shop_id
    group by places.sku, shops.channel, shops.shop_id

),

netted as (

    select
        *,
        case
            when is_kit then least(promised_quantity, coalesce(set_quantity, promised_quantity))
            else promised_quantity - kept_quantity - unallocated_quantity
        end as online_quantity
    from online

),

published as (

    select
        sku,
        shop_id,
        max(published_at) as published_at,
        {{ last_by('published_quantity', ['published_at', 'record_key']) }} as published_quantity
    from {{ ref('stg_channel_stock') }}
    where {{ touched('sku', 'skus') }}
    group by sku, shop_id

),

final as (

    select
        netted.sku,
        netted.channel,
        netted.shop_id,
        netted.is_kit,
        cast(netted.unallocated_quantity as decimal(18, 4)) as unallocated_quantity,
        cast(netted.online_quantity as decimal(18, 4)) as online_quantity,
        cast(greatest(0, floor(netted.online_quantity * netted.channel_ratio)
            - netted.buffer_quantity) as decimal(18, 4)) as available_quantity,
        published.published_quantity,
        published.published_at
    from netted
    left join published on netted.sku = published.sku and netted.shop_id = published.shop_id

)

select * from final
