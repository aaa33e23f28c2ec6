-- Orders whose costs may have changed: touched ones, those of a waybill a carrier charged for, and
-- those with goods whose cost was stated anew.
-- depends_on: {{ ref('stg_carrier_charges') }} {{ ref('stg_products') }} {{ ref('fct_shipments') }}
-- depends_on: {{ ref('fct_order_lines') }} {{ ref('stg_kit_components') }}
{% if is_full() %}
select cast(null as {{ type_text() }}) as order_id where false
{% else %}
with

goods as (

    select sku from {{ source('records', 'products') }} where {{ new_records() }}
    union
    select kits.kit_sku as sku
    from {{ source('records', 'kit_components') }} as kits
    where kits.{{ visible_records() }}
        and kits.component_sku in {{ new_keys('products', 'sku') }}

)

select order_id from {{ ref('int_touched_orders') }}
union
select order_id from {{ ref('fct_shipments') }}
where tracking_number in (
    {{ touched_versions('carrier_charges', ['tracking_number']) }}
)
union
select order_id from {{ ref('fct_order_lines') }}
where sku in (select sku from goods)
{% endif %}
