{{ config(materialized='ephemeral') }}
-- RC18: what a carrier accepted to pay for a claim against what it paid.
with

claims as (

    select
        claims.*,
        parcels.order_id,
        orders.channel as order_channel
    from {{ ref('stg_carrier_claims') }} as claims
    left join (
        select tracking_number, carrier, min(order_id) as order_id
        from {{ ref('fct_shipments') }}
        where tracking_number in (select tracking_number from {{ ref('stg_carrier_claims') }})
        group by tracking_number, carrier
    ) as parcels
        on claims.tracking_number = parcels.tracking_number and claims.carrier = parcels.carrier
    left join {{ ref('fct_orders') }} as orders on parcels.order_id = orders.order_id

)

{% for side, step in [('left', 'accepted'), ('right', 'settled')] -%}
select
    {{ recon_side('RC18', side, {
        'item_id': "claim_id || ':" ~ step ~ "'", 'match_key': 'claim_id',
        'currency_code': 'currency_code', 'amount': 'coalesce(amount, 0)', 'item_at': 'event_at',
        'order_id': 'order_id', 'channel': 'order_channel', 'shop_id': 'shop_id',
        'party': 'carrier', 'is_due': 'cast(null as boolean)' if side == 'left' else 'true',
        'due_at': 'null' if side == 'left' else 'valued_known_at', 'known_at': 'valued_known_at'}) }}
from claims
where claim_step = '{{ step }}'
{{ 'union all' if not loop.last }}
{% endfor %}
