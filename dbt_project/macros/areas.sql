{# Places x the carriers that say something about them: of the rows of one carrier the one closest to
   the place counts (`match_rank` 1). `places` has ship_country, ship_region, ship_city. #}
{% macro matched_areas(places) -%}
    select
        {{ places }}.*,
        areas.carrier,
        areas.is_served,
        row_number() over (
            partition by
                {{ places }}.ship_country,
                {{ places }}.ship_region,
                {{ places }}.ship_city,
                areas.carrier
            order by
                case when areas.city = '*' then 1 else 0 end,
                case when areas.region = '*' then 1 else 0 end,
                case when areas.country = '*' then 1 else 0 end
        ) as match_rank
    from {{ places }}
    inner join {{ ref('delivery_areas') }} as areas
        on areas.country in ({{ places }}.ship_country, '*')
        and areas.region in (coalesce({{ places }}.ship_region, '*'), '*')
        and areas.city in (coalesce({{ places }}.ship_city, '*'), '*')
{%- endmacro %}
