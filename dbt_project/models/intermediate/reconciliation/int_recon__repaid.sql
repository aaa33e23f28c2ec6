{{ config(materialized='ephemeral') }}
-- RC7R: refunds of orders a marketplace settles against what it gave the buyers back, by order: its
-- lines name no refund. What it kept of its commission or of a tax that was its to pay is no refund
-- of ours. A shop that tells of no refunds says nothing that could differ.
with

orders as (

    select orders.order_id, orders.channel, orders.shop_id
    from {{ ref('fct_orders') }} as orders
    {{ join_channels('orders') }}
    where {{ channel_rule('is_settled_by_channel') }}

),

refunds as (

    select refunds.*, told.known_at
    from {{ ref('fct_refunds') }} as refunds
    left join {{ ref('int_refunds__told') }} as told on refunds.refund_id = told.refund_id
    where refunds.refund_status = 'succeeded'
        and coalesce(refunds.refund_kind, '') <> 'compensation'

),

repaid as (

    select
        lines.*,
        stated.netted_known_at,
        known.order_id is null as is_orphan
    from {{ ref('fct_settlement_lines') }} as lines
    inner join {{ ref('stg_settlement_lines') }} as stated
        on lines.settlement_line_id = stated.settlement_line_id
    left join {{ ref('fct_orders') }} as known on lines.order_id = known.order_id
    where lines.order_id is not null
        and lines.line_kind = 'refund'
        and lines.component_code in (
            'goods', 'shipping', 'tax', 'merchant_discount', 'refund'
        )
        and lines.shop_id in (select shop_id from {{ ref('fct_refunds') }})

)

select
    {{ recon_side('RC7R', 'left', {
        'item_id': 'refunds.refund_id', 'match_key': "refunds.order_id || '||refund'",
        'currency_code': 'refunds.currency_code', 'amount': 'refunds.amount',
        'item_at': 'refunds.succeeded_at', 'order_id': 'refunds.order_id',
        'channel': 'orders.channel', 'shop_id': 'orders.shop_id', 'party': 'orders.channel',
        'is_due': 'cast(null as boolean)', 'known_at': 'refunds.known_at'}) }}
from refunds
inner join orders on refunds.order_id = orders.order_id
union all
select
    {{ recon_side('RC7R', 'right', {
        'item_id': 'settlement_line_id', 'match_key': "order_id || '||refund'",
        'currency_code': 'currency_code', 'amount': '-gross_amount', 'item_at': 'posted_at',
        'order_id': 'order_id', 'shop_id': 'shop_id', 'party': 'provider',
        'known_at': 'netted_known_at',
        'lone_type': "case when is_orphan then 'KEY_UNMAPPED' else 'ORPHAN_REFUND' end"}) }}
from repaid
