{{ config(materialized='ephemeral') }}
-- RC17: cash a carrier collected for an order against what it passed on. Cash of a day that no
-- remittance has reached is on its way. An order in several parcels is known by its first waybill.
with

waybills as (

    select order_id, min(tracking_number) as tracking_number, min(carrier) as carrier
    from {{ ref('fct_shipments') }}
    where tracking_number is not null
    group by order_id

),

collected as (

    select
        payments.*,
        waybills.tracking_number,
        waybills.carrier,
        orders.channel as order_channel,
        orders.shop_id as order_shop_id
    from {{ ref('int_payments__dated') }} as payments
    inner join {{ ref('fct_orders') }} as orders on payments.order_id = orders.order_id
    inner join waybills on payments.order_id = waybills.order_id
    where payments.payment_kind = 'cod_collected' and payments.payment_status = 'succeeded'

),

reached as (

    select carrier, min(remitted_at) as remitted_from, max(remitted_at) as remitted_until
    from {{ ref('stg_cod_remittances') }}
    group by carrier

),

-- From when on an order's cash should have come: a later remittance was known.
due as (

    select collected.payment_id, min(lines.remitted_known_at) as known_at
    from collected
    inner join {{ ref('stg_cod_remittances') }} as lines
        on collected.carrier = lines.carrier
        and lines.remitted_at >= {{ add_minutes('collected.paid_at', suspense_minutes('RC17')) }}
    group by collected.payment_id

),

named as (

    select
        lines.*,
        parcels.order_id,
        coalesce(waybills.tracking_number, lines.tracking_number) as match_key
    from {{ ref('stg_cod_remittances') }} as lines
    left join (
        select tracking_number, carrier, min(order_id) as order_id
        from {{ ref('fct_shipments') }}
        where tracking_number in (select tracking_number from {{ ref('stg_cod_remittances') }})
        group by tracking_number, carrier
    ) as parcels
        on lines.tracking_number = parcels.tracking_number and lines.carrier = parcels.carrier
    left join waybills on parcels.order_id = waybills.order_id

)

select
    {{ recon_side('RC17', 'left', {
        'item_id': 'collected.payment_id', 'match_key': 'collected.tracking_number',
        'currency_code': 'collected.currency_code', 'amount': 'collected.amount',
        'item_at': 'collected.paid_at', 'order_id': 'collected.order_id',
        'channel': 'collected.order_channel', 'shop_id': 'collected.order_shop_id',
        'party': 'collected.carrier',
        'is_due': "reached.remitted_until >= " ~ add_minutes('collected.paid_at', suspense_minutes('RC17')),
        'due_at': 'due.known_at', 'known_at': 'collected.valued_known_at'}) }}
from collected
inner join reached
    on collected.carrier = reached.carrier
    and {{ add_minutes('collected.paid_at', suspense_minutes('RC17')) }} >= reached.remitted_from
left join due on collected.payment_id = due.payment_id
union all
select
    {{ recon_side('RC17', 'right', {
        'item_id': 'remittance_line_id', 'match_key': 'match_key',
        'currency_code': 'currency_code', 'amount': 'amount', 'item_at': 'remitted_at',
        'order_id': 'order_id', 'shop_id': 'shop_id', 'party': 'carrier',
        'known_at': 'valued_known_at'}) }}
from named
