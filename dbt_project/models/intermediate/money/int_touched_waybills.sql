-- Waybills whose bills may have changed: those of touched orders, those a new charge names, and
-- when bills now reach further back, the parcels between.
-- depends_on: {{ ref('stg_shipments') }} {{ ref('stg_fulfilment_events') }}
-- depends_on: {{ ref('stg_carrier_charges') }} {{ ref('int_touched_orders') }}
-- depends_on: {{ ref('fct_shipments') }} {{ ref('stg_recon_decisions') }}
{% if is_full() %}
select cast(null as {{ type_text() }}) as match_key where false
{% else %}
with

new_charges as (

    {{ touched_versions('carrier_charges', [
        'charge_id', 'tracking_number', 'carrier', 'charged_at']) }}

),

known as (

    select carrier, min(charged_at) as first_charged_at
    from {{ source('records', 'carrier_charges') }}
    where load_seq <= {{ build_window().from_seq }}
    group by carrier

),

reach as (

    select
        new_charges.carrier,
        {{ reporting_date('min(new_charges.charged_at)') }} as from_date,
        {{ reporting_date('max(known.first_charged_at)') }} as known_from_date
    from new_charges
    left join known on new_charges.carrier = known.carrier
    group by new_charges.carrier

),

stated as (

    {% for stream in ['shipments', 'fulfilment_events'] -%}
    select tracking_number as match_key
    from {{ ref('stg_' ~ stream) }}
    where order_id in (select order_id from {{ ref('int_touched_orders') }})
    union
    {% endfor -%}
    select tracking_number from new_charges
    union
    select charge_id from new_charges
    union
    {{ touched_versions('recon_decisions', ['match_key']) }}
    union
    select parcels.tracking_number
    from {{ ref('fct_shipments') }} as parcels
    inner join reach
        on parcels.carrier = reach.carrier
        and {{ reporting_date('parcels.shipped_at') }} >= reach.from_date
        and (
            reach.known_from_date is null
            or {{ reporting_date('parcels.shipped_at') }} < reach.known_from_date
        )

),

-- What was decided together holds together.
decided_with as (

    {{ decided_together('match_key', 'stated') }}

)

select match_key from stated where match_key is not null
union
select match_key from decided_with
{% endif %}
