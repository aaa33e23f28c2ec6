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

    {{ matched_areas('places') }}

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
