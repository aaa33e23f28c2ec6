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
    where channels.is_stock_tracked and channels.shop_id <> '*'

),

positions as (

    select positions.*, {{ stock_policy('threshold_quantity') }} as threshold_quantity
    from {{ ref('fct_stock_positions') }} as positions
    {{ join_stock_policies('positions') }}
    where {{ touched('positions.sku', 'skus') }}

),

-- A set can be sold as often as its scarcest part allows, in each warehouse.
sets as (

    select kits.kit_sku as sku, positions.warehouse_id,
        min(floor(positions.atp_quantity / kits.component_quantity)) as atp_quantity,
        count(*) as part_count
    from {{ ref('stg_kit_components') }} as kits
    inner join {{ ref('fct_stock_positions') }} as positions on kits.component_sku = positions.sku
    where kits.component_quantity > 0 and {{ touched('kits.kit_sku', 'skus') }}
    group by kits.kit_sku, positions.warehouse_id

),

parts as (

    select kit_sku as sku, count(*) as part_count
    from {{ ref('stg_kit_components') }}
    where component_quantity > 0
    group by kit_sku

),

places as (

    select sku, warehouse_id, atp_quantity, threshold_quantity, false as is_kit
    from positions
    where sku not in (select sku from parts)
    union all
    select sets.sku, sets.warehouse_id, greatest(sets.atp_quantity, 0) as atp_quantity,
        0 as threshold_quantity, true as is_kit
    from sets
    inner join parts on sets.sku = parts.sku and sets.part_count = parts.part_count

),

online as (

    select
        places.sku,
        shops.channel,
        shops.shop_id,
        bool_or(places.is_kit) as is_kit,
        sum(case when places.warehouse_id <> shops.excluded_warehouse_id
            then places.atp_quantity else 0 end)
            - case when bool_or(places.is_kit) then 0 else max(places.threshold_quantity)
                + greatest(max(shops.safety_quantity),
                    coalesce(max(products.safety_stock_quantity), 0)) end as online_quantity,
        max(shops.channel_ratio) as channel_ratio,
        max(shops.buffer_quantity) as buffer_quantity
    from places
    cross join shops
    left join {{ ref('stg_products') }} as products on places.sku = products.sku
    group by places.sku, shops.channel, shops.shop_id

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
        online.sku,
        online.channel,
        online.shop_id,
        online.is_kit,
        cast(online.online_quantity as decimal(18, 4)) as online_quantity,
        cast(greatest(0, floor(online.online_quantity * online.channel_ratio)
            - online.buffer_quantity) as decimal(18, 4)) as available_quantity,
        published.published_quantity,
        published.published_at
    from online
    left join published on online.sku = published.sku and online.shop_id = published.shop_id

)

select * from final
