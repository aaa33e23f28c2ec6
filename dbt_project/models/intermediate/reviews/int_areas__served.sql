{{ config(materialized='ephemeral') }}
-- One row per place orders go to that some carrier leaves out: how many carriers go there. Of the
-- rows of one carrier the closest to the place counts.
with

places as (

    select distinct ship_country, ship_region, ship_city
    from {{ ref('int_orders__priced') }}
    where is_reviewed and ship_country is not null

),

ranked as (

    select
        places.*,
        areas.carrier,
        areas.is_served,
        row_number() over (
            partition by
                places.ship_country, places.ship_region, places.ship_city, areas.carrier
            order by
                case when areas.city = '*' then 1 else 0 end,
                case when areas.region = '*' then 1 else 0 end,
                case when areas.country = '*' then 1 else 0 end
        ) as match_rank
    from places
    inner join {{ ref('delivery_areas') }} as areas
        on areas.country in (places.ship_country, '*')
        and areas.region in (coalesce(places.ship_region, '*'), '*')
        and areas.city in (coalesce(places.ship_city, '*'), '*')

),

final as (

    select
        ship_country,
        ship_region,
        ship_city,
        count(*) filter (where is_served) as serving_carrier_count
    from ranked
    where match_rank = 1
    group by ship_country, ship_region, ship_city

)

select * from final
