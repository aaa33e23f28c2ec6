{{ config(materialized='ephemeral') }}
-- One row per order under review whose place or neighbours say something: accounts that share its
-- address or phone within a week, a city that lies elsewhere, carriers that go there.
{%- set shared = {'address': 'ship_address_index', 'phone': 'buyer_phone_index'} %}
with

reviewed as (

    select * from {{ ref('int_orders__priced') }} where is_reviewed

),

{% for kind, column in shared.items() -%}
crowded_{{ kind }} as (

    select {{ column }} as shared_index
    from {{ ref('stg_orders') }}
    where {{ column }} in (select {{ column }} from reviewed)
    group by {{ column }}
    having count(*) >= 3

),

{{ kind }}_accounts as (

    select
        reviewed.order_id,
        count(distinct others.channel || '|' || others.buyer_id) as account_count
    from reviewed
    inner join {{ ref('stg_orders') }} as others
        on reviewed.{{ column }} = others.{{ column }}
        and others.placed_at <= reviewed.placed_at
        and others.placed_at > reviewed.placed_at - interval '7' day
    where reviewed.{{ column }} in (select shared_index from crowded_{{ kind }})
    {%- if kind == 'phone' %}
        -- What nobody can call is no sign of who somebody is.
        and length(reviewed.buyer_phone_masked) >= 9
    {%- endif %}
    group by reviewed.order_id

),

{% endfor -%}
strays as (

    select orders.order_id
    from reviewed as orders
    where (orders.ship_country, orders.ship_city) in (
            select country, city from {{ ref('city_regions') }}
        )
        and orders.ship_region is not null
        and not exists (
            select 1 from {{ ref('city_regions') }} as regions
            where regions.country = orders.ship_country
                and regions.city = orders.ship_city
                and regions.region = orders.ship_region
        )

)

select
    reviewed.order_id,
    address_accounts.account_count as accounts_at_address_count,
    phone_accounts.account_count as accounts_on_phone_count,
    case when strays.order_id is not null then 1 end as region_mismatch_count,
    areas.serving_carrier_count
from reviewed
left join address_accounts on reviewed.order_id = address_accounts.order_id
left join phone_accounts on reviewed.order_id = phone_accounts.order_id
left join strays on reviewed.order_id = strays.order_id
left join {{ ref('int_areas__served') }} as areas
    on reviewed.ship_country = areas.ship_country
    and reviewed.ship_region is not distinct from areas.ship_region
    and reviewed.ship_city is not distinct from areas.ship_city
where coalesce(
    address_accounts.account_count, phone_accounts.account_count,
    areas.serving_carrier_count, case when strays.order_id is not null then 1 end
) is not null
